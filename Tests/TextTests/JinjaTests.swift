import Data
import Testing
import Text

@Suite("Templates that cannot be rendered")
struct JinjaTests {
    private func render(_ jinja: String, _ messages: [ChatMessage] = [.user("Hi")]) throws -> String {
        try ChatTemplate(jinja: jinja, for: ChatTemplateTests.description(["bos_token": "<s>"]))
            .render(messages).map(\.text).joined()
    }

    private func complaint(_ jinja: String) -> String {
        let error = #expect(throws: TextError.self, "\(jinja)") { try render(jinja) }
        return error?.description ?? "no error"
    }

    @Test(
        "What is not supported is refused with its name, its line and a way out",
        arguments: [
            ("\n{{ messages | groupby('role') }}", "groupby", 2), ("{% include 'x' %}", "include", 1),
            ("a\nb\n{{ 'x' | escape }}", "escape", 3), ("{% for a in [] recursive %}{% endfor %}", "recursive", 1),
            ("{{ 'x'.encode('utf-8') }}", "encode", 1), ("{{ messages.__class__ }}", "__class__", 1),
            ("{{ 1 + (2 | safe) }}", "safe", 1), ("{{ 9223372036854775807 + 1 }}", "64 bits", 1), ("{{ range }}", "function", 1),
            ("{{ f(*messages) }}", "*", 1), ("{% do x %}", "do", 1), ("{{ '%x' % 3 }}", "%x", 1), ("{{ 1 is escaped }}", "escaped", 1),
            ("{{ 1.25 | round(1) }}", "round", 1), ("{{ namespace(a=namespace()) }}", "namespace", 1),
        ])
    func unsupported(jinja: String, word: String, line: Int) {
        let text = complaint(jinja)
        #expect(text.contains(word) && text.contains("line \(line) of the model's template") && text.contains("--template"), "\(text)")
        #expect(text.contains("not supported"), "\(text)")
    }

    @Test(
        "Mistakes of a template are told with their line",
        arguments: [
            "{{ 'open }}", "{% if x %}", "{{ x", "{# comment", "{% endfor %}", "{{ 1 + }}", "{% for x in %}{% endfor %}", "{{ (1 }}",
            "{% set %}", "{% break %}", "{{ a b }}", "{% raw %}", "{{ x | }}", "{% if %}{% endif %}", "{{ \u{1} }}",
            "{{ 1 is defined is string }}", "{% raw +%}{% endraw %}", "{% macro f(a=1, b) %}{% endmacro %}",
        ])
    func syntax(jinja: String) {
        let text = complaint(jinja)
        #expect(text.contains("line 1 of the model's template") && text.contains("--template"), "\(text)")
    }

    @Test(
        "What Python refuses is refused",
        arguments: [
            "{{ missing.attribute }}", "{{ missing + 'x' }}", "{{ 'x' + 1 }}", "{{ [].append(1) }}", "{{ {}.update(a=1) }}",
            "{{ 1 // 0 }}", "{{ 1 % 0 }}", "{{ missing() }}", "{{ 1 < 'x' }}", "{{ 1 | length }}", "{% for x in 1 %}{% endfor %}",
            "{% set x.y = 1 %}", "{% set a, b = [1] %}", "{{ 'a'.split('') }}", "{{ [1][::0] }}", "{{ 1 in 2 }}", "{{ ['a', 1] | sort }}",
            "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}", "{{ {[]: 1} }}", "{{ 'a'.index('b') }}", "{{ range(0, 5, 0) }}",
        ])
    func faults(jinja: String) {
        let text = complaint(jinja)
        #expect(text.contains("cannot write the conversation") && text.contains("line 1"), "\(text)")
    }

    @Test("A template's own refusal is passed on, but not at any length")
    func raised() {
        #expect(complaint("{{ raise_exception('x' * 100000) }}").utf8.count < 600)
        let text = complaint("{{ raise_exception('Turns must alternate.') }}")
        #expect(text.contains("refuses the conversation: Turns must alternate. (line 1"))
    }

    @Test(
        "No template runs, grows or nests without end", .timeLimit(.minutes(1)),
        arguments: [
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "{% set n = namespace(x='aaaaaaaa') %}{% for a in range(99999) %}{% set n.x = n.x + n.x %}{% endfor %}",
            "{{ 'aaaaaaaaaa' * 9223372036854775807 }}", "{{ [1, 2, 3] * 9223372036854775807 }}", "{{ range(9223372036854775807) }}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{% set n = namespace(x=[]) %}{% for a in range(99999) %}{% set n.x = [n.x] %}{% endfor %}",
            "{% set n = namespace(x='a') %}{% for a in range(40) %}{% set n.x = n.x.replace('a', 'aaaa') %}{% endfor %}",
            "{% for a in range(99999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}",
            "{{ " + String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000) + " }}",
            "{{ " + String(repeating: "not ", count: 5000) + "1 }}", "{{ " + String(repeating: "- ", count: 5000) + "1 }}",
            "{{ 1" + String(repeating: " + 1", count: 5000) + " }}", "{{ x" + String(repeating: "[0]", count: 5000) + " }}",
            "{{ 1" + String(repeating: " if 1 else 1", count: 5000) + " }}", "{{ 1" + String(repeating: " | string", count: 5000) + " }}",
            String(repeating: "{% if true %}", count: 5000), "{% set " + String(repeating: "(", count: 5000) + "a",
            "{{ '" + String(repeating: "x", count: 1 << 20) + "' }}",
        ])
    func bounds(jinja: String) { _ = complaint(jinja) }

    @Test(
        "Odd values are those of Jinja",
        arguments: [
            ("{{ true[1:] is defined }}", "False"), ("{{ missing is callable }}", "True"), ("{{ 1000.0 % -1 }}", "-0.0"),
            ("{% for a in [1] %}{% for b in [1] %}{{ loop.depth }}{% endfor %}{% endfor %}", "1"),
            ("{{ [1, true, 1.0] | unique | list }}", "[1]"),
            ("{{ 1e16 }} {{ 1e-5 }} {{ 1e22 }}", "1e+16 1e-05 1e+22"), ("{{ [missing] }}", "[Undefined]"),
        ])
    func odd(jinja: String, text: String) throws { #expect(try render(jinja) == text) }

    @Test("Macros call themselves as deep as real templates do")
    func recursion() throws {
        let jinja = "{% macro f(n) %}{{ n }}{% if n > 0 %},{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(20) }}"
        #expect(try render(jinja) == (0...20).reversed().map { "\($0)" }.joined(separator: ","))
    }

    @Test("Names that a loop sets are gone after each turn; a namespace keeps them")
    func scopes() throws {
        let jinja =
            "{% set x = 0 %}{% for i in [1, 2] %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}"
            + "{% if true %}{% set x = 9 %}{% endif %}{{ x }}"
        #expect(try render(jinja) == "010209")
    }
}
