// swift-tools-version: 6.1
import PackageDescription

// Dependencies point one way:
//   ofmu-gpu → Reporting → Evaluation → Unlearning → Models → Graph ← Backends → C targets
//   Files and Text feed Models, Unlearning and Evaluation and know no device.
let package = Package(
    name: "ofmu-gpu",
    products: [
        .executable(name: "ofmu-gpu", targets: ["ofmu-gpu"]),
        .library(
            name: "OFMU",
            targets: ["Graph", "Backends", "Files", "Text", "Models", "Unlearning", "Evaluation", "Reporting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(
            name: "COpenCL", pkgConfig: "OpenCL", providers: [.apt(["ocl-icd-opencl-dev", "opencl-headers"])]),
        .target(name: "CKernels", dependencies: ["COpenBLAS"]),
        .target(name: "Graph"),
        .target(name: "Backends", dependencies: ["Graph", "CKernels", "COpenBLAS", "COpenCL"]),
        .target(name: "Files"),
        .target(name: "Text", dependencies: ["Files"]),
        .target(name: "Models", dependencies: ["Graph", "Backends", "Files"]),
        .target(name: "Unlearning", dependencies: ["Graph", "Backends", "Models", "Files"]),
        .target(name: "Evaluation", dependencies: ["Graph", "Backends", "Models", "Text", "Files"]),
        .target(name: "Reporting", dependencies: ["Evaluation", "Unlearning", "Models", "Files"]),
        .executableTarget(
            name: "ofmu-gpu",
            dependencies: [
                "Graph", "Backends", "Files", "Text", "Models", "Unlearning", "Evaluation", "Reporting", "COpenBLAS",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "TestSupport", dependencies: ["Graph", "Files"], path: "Tests/TestSupport"),
        .testTarget(name: "GraphTests", dependencies: ["Graph", "Files", "TestSupport"]),
        .testTarget(name: "BackendTests", dependencies: ["Graph", "Backends", "CKernels", "TestSupport"]),
        .testTarget(name: "FilesTests", dependencies: ["Files"], exclude: ["Fixtures"]),
        .testTarget(name: "TextTests", dependencies: ["Text", "Files"], exclude: ["Fixtures"]),
        .testTarget(name: "ModelTests", dependencies: ["Graph", "Backends", "Models", "Files", "TestSupport"], exclude: ["Fixtures"]),
        .testTarget(name: "UnlearningTests", dependencies: ["Graph", "Backends", "Files", "Models", "Unlearning", "TestSupport"]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: ["Graph", "Backends", "Files", "Text", "Models", "Unlearning", "Evaluation", "Reporting"]),
        .testTarget(name: "CommandTests", dependencies: ["Files", "Text", "Models"]),
    ],
    swiftLanguageModes: [.v6]
)
