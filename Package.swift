// swift-tools-version: 6.3
import PackageDescription

// Dependencies point one way:
//   ofmu-gpu → Comparison → Demo → Runs → Reporting → Evaluation, Unlearning → Inference → Models → Graph
//   ofmu-gpu → Benchmarking → Unlearning
//   Inference → Backends → Graph, C targets
//   Files, Data and Text feed the modules from Models to Demo and, like Graph and Models, know no device.
let package = Package(
    name: "ofmu-gpu",
    products: [
        .executable(name: "ofmu-gpu", targets: ["ofmu-gpu"]),
        .library(
            name: "OFMU",
            targets: ["Graph", "Backends", "Files", "Data", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Runs"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(
            name: "COpenCL", pkgConfig: "OpenCL", providers: [.apt(["ocl-icd-opencl-dev", "opencl-headers"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels", dependencies: ["COpenBLAS"]),
        .target(name: "Graph"),
        .target(name: "Backends", dependencies: ["Graph", "CKernels", "COpenBLAS", "COpenCL"]),
        .target(name: "Files", dependencies: ["CZlib"]),
        .target(name: "Data", dependencies: ["Files"]),
        .target(name: "Text", dependencies: ["Data", "Files"]),
        .target(name: "Models", dependencies: ["Data", "Graph", "Files"]),
        .target(name: "Inference", dependencies: ["Data", "Graph", "Backends", "Models", "Files"]),
        .target(name: "Unlearning", dependencies: ["Data", "Graph", "Backends", "Models", "Inference", "Files"]),
        .target(name: "Evaluation", dependencies: ["Data", "Graph", "Backends", "Models", "Inference", "Text", "Files", "CZlib"]),
        .target(name: "Reporting", dependencies: ["Evaluation", "Unlearning", "Models", "Inference", "Files"]),
        .target(
            name: "Runs",
            dependencies: [
                "Data", "Graph", "Backends", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "COpenBLAS",
            ]),
        .target(
            name: "Demo",
            dependencies: ["Data", "Backends", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Runs"]),
        .target(
            name: "Comparison",
            dependencies: [
                "Data", "Backends", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Runs", "Demo",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "TOMLKit", package: "TOMLKit"),
            ]),
        .target(
            name: "Benchmarking", dependencies: ["Data", "Graph", "Backends", "Files", "Models", "Inference", "Unlearning", "COpenBLAS"]),
        .executableTarget(
            name: "ofmu-gpu",
            dependencies: [
                "Data", "Graph", "Backends", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Runs",
                "Demo", "Comparison",
                "Benchmarking",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // Examples see only what is public.
        .executableTarget(
            name: "forget-example", dependencies: ["Backends", "Runs", "Unlearning"], path: "Examples/Forget", packageAccess: false),
        .executableTarget(
            name: "own-model-example", dependencies: ["Backends", "Data", "Graph", "Inference", "Unlearning"], path: "Examples/OwnModel",
            packageAccess: false),
        .target(name: "TestSupport", dependencies: ["Graph", "Files"], path: "Tests/TestSupport"),
        .testTarget(name: "GraphTests", dependencies: ["Graph", "Files", "TestSupport"]),
        .testTarget(name: "BackendTests", dependencies: ["Graph", "Backends", "CKernels", "TestSupport"]),
        .testTarget(name: "DataTests", dependencies: ["Data", "Files", "TestSupport"], exclude: ["Fixtures"]),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], exclude: ["Fixtures"]),
        .testTarget(name: "TextTests", dependencies: ["Data", "Text", "Files", "TestSupport"], exclude: ["Fixtures"]),
        .testTarget(
            name: "ModelTests", dependencies: ["Data", "Graph", "Backends", "Models", "Inference", "Files", "TestSupport"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "UnlearningTests",
            dependencies: ["Data", "Graph", "Backends", "Files", "Models", "Inference", "Unlearning", "TestSupport"]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Data", "Graph", "Backends", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Demo",
                "Runs", "TestSupport",
            ],
            exclude: ["Fixtures"]),
        .testTarget(name: "HouseTests", dependencies: ["Files"]),
        .testTarget(name: "CommandTests", dependencies: ["Files", "Text", "Models", "Inference"]),
        .testTarget(
            name: "RunsTests",
            dependencies: [
                "Data", "Graph", "Backends", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Runs",
                "TestSupport",
            ]),
        .testTarget(
            name: "DemoTests",
            dependencies: [
                "Data", "Backends", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Runs", "Demo",
                "TestSupport",
            ]),
        .testTarget(
            name: "ComparisonTests",
            dependencies: [
                "Backends", "Data", "Files", "Text", "Models", "Inference", "Unlearning", "Evaluation", "Reporting", "Runs", "Demo",
                "Comparison", "TestSupport",
            ]),
        .testTarget(name: "BenchmarkingTests", dependencies: ["Graph", "Backends", "Benchmarking"]),
    ],
    swiftLanguageModes: [.v6]
)

// Not for everybody: a newer compiler may warn of more.
if Context.environment["OFMU_WARNINGS"] == "error" {
    for target in package.targets where ![.system, .plugin].contains(target.type) {
        target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
        target.cSettings = (target.cSettings ?? []) + [.treatAllWarnings(as: .error)]
    }
}
