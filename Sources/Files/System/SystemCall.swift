import Glibc

/// Makes a system call again for as long as a signal interrupts it. `close` is not to be repeated: Linux has closed by then.
@discardableResult
func uninterrupted<Value: SignedInteger>(_ call: () -> Value) -> Value {
    while true {
        let value = call()
        if value != -1 || errno != EINTR { return value }
    }
}

/// As `uninterrupted` for calls that return a pointer.
func uninterrupted<Pointee>(_ call: () -> UnsafeMutablePointer<Pointee>?) -> UnsafeMutablePointer<Pointee>? {
    while true {
        if let value = call() { return value }
        if errno != EINTR { return nil }
    }
}

func uninterrupted(_ call: () -> OpaquePointer?) -> OpaquePointer? {
    while true {
        if let value = call() { return value }
        if errno != EINTR { return nil }
    }
}
