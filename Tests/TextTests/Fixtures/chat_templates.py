"""Chat templates for the tests, written here in the grammar of today's model families.

None is a published template; each uses the constructs that templates of its family use, with its own texts.
"""

# Text marks, so that a template reads on its own.
LLAMA2 = """{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set opening = messages[0]['content'] %}{% elif USE_DEFAULT == true %}{% set turns = messages %}{% set opening = 'Answer as the harbour library would.' %}{% else %}{% set turns = messages %}{% set opening = false %}{% endif %}{% for turn in turns %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Turns of user and assistant must alternate.') }}{% endif %}{% if loop.index0 == 0 and opening != false %}{% set content = '<<SYS>>\\n' + opening + '\\n<</SYS>>\\n\\n' + turn['content'] %}{% else %}{% set content = turn['content'] %}{% endif %}{% if turn['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif turn['role'] == 'system' %}{{ '<<SYS>>\\n' + content.strip() + '\\n<</SYS>>\\n\\n' }}{% elif turn['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"""

LLAMA3 = """{% set turns = messages %}{% for turn in turns %}{% set text = '<|start_header_id|>' + turn['role'] + '<|end_header_id|>\n\n' + turn['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set text = bos_token + text %}{% endif %}{{ text }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"""

LLAMA31 = """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_first is defined %}
    {%- set tools_first = true %}
{%- endif %}
{%- if not today is defined %}
    {%- if strftime_now is defined %}
        {%- set today = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set today = "01 Jan 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- The system's text is taken out, so that it can be written first. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_text = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_text = "" %}
{%- endif %}

{#- Dates and tools stand before it. #}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if builtin_tools is defined or tools is not none %}
    {{- "Environment: harbour\\n" }}
{%- endif %}
{%- if builtin_tools is defined %}
    {{- "Tools: " + builtin_tools | reject('equalto', 'interpreter') | join(", ") + "\\n\\n"}}
{%- endif %}
{{- "Knowledge ends: December 2023\\n" }}
{{- "Today: " + today + "\\n\\n" }}
{%- if tools is not none and not tools_first %}
    {%- for tool in tools %}
        {{- tool | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_text }}
{{- "<|eot_id|>" }}

{%- for turn in messages %}
    {%- if not (turn.role == 'ipython' or turn.role == 'tool' or 'tool_calls' in turn) %}
        {{- '<|start_header_id|>' + turn['role'] + '<|end_header_id|>\\n\\n'+ turn['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in turn %}
        {%- if not turn.tool_calls|length == 1 %}
            {{- raise_exception("One tool call at a time.") }}
        {%- endif %}
        {%- set call = turn.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif turn.role == "tool" or turn.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if turn.content is mapping or turn.content is iterable %}
            {{- turn.content | tojson }}
        {%- else %}
            {{- turn.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MISTRAL1 = """{{ bos_token }}{% for turn in messages %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Turns of user and assistant must alternate.') }}{% endif %}{% if turn['role'] == 'user' %}{{ '[INST] ' + turn['content'] + ' [/INST]' }}{% elif turn['role'] == 'assistant' %}{{ turn['content'] + eos_token + ' ' }}{% else %}{{ raise_exception('Only user and assistant speak here.') }}{% endif %}{% endfor %}"""

MISTRAL3 = """{%- if messages[0]["role"] == "system" %}
    {%- set system_text = messages[0]["content"] %}
    {%- set turns = messages[1:] %}
{%- else %}
    {%- set turns = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set asked = turns | selectattr("role", "equalto", "user") | list %}

{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for turn in turns %}
    {%- if not (turn.role == "tool" or turn.role == "tool_results" or (turn.tool_calls is defined and turn.tool_calls is not none)) %}
        {%- if (turn["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the system, user and assistant must alternate.") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}

{{- bos_token }}
{%- for turn in turns %}
    {%- if turn["role"] == "user" %}
        {%- if tools is not none and (turn == asked[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.function.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
            {%- endfor %}
            {{- "][/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_text is defined %}
            {{- "[INST] " + system_text + "\\n\\n" + turn["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + turn["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif turn["role"] == "assistant" %}
        {{- " " + turn["content"]|trim + eos_token}}
    {%- else %}
        {{- raise_exception("Only system, user and assistant speak here.") }}
    {%- endif %}
{%- endfor %}
"""

TEKKEN = """{%- set usual = "You answer questions about a harbour.\\nToday is " + strftime_now("%Y-%m-%d") + "." %}
{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- if messages[0]['content'] is string %}
        {%- set system_text = messages[0]['content'] %}
    {%- else %}
        {%- set system_text = messages[0]['content'][0]['text'] %}
    {%- endif %}
    {%- set turns = messages[1:] %}
{%- else %}
    {%- set system_text = usual %}
    {%- set turns = messages %}
{%- endif %}
{{- '[SYSTEM_PROMPT]' + system_text + '[/SYSTEM_PROMPT]' }}
{%- for turn in turns %}
    {%- if turn['role'] == 'user' %}
        {%- if turn['content'] is string %}
            {{- '[INST]' + turn['content'] + '[/INST]' }}
        {%- else %}
            {{- '[INST]' }}
            {%- for block in turn['content'] %}
                {%- if block['type'] == 'text' %}{{- block['text'] }}{%- elif block['type'] in ['image', 'image_url'] %}{{- '[IMG]' }}{%- else %}{{- raise_exception('Only text and images are read.') }}{%- endif %}
            {%- endfor %}
            {{- '[/INST]' }}
        {%- endif %}
    {%- elif turn['role'] == 'assistant' %}
        {{- turn['content'] + eos_token }}
    {%- else %}
        {{- raise_exception('Only user and assistant follow the system.') }}
    {%- endif %}
{%- endfor %}
"""

QWEN2 = """{% for turn in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou keep the harbour library.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + turn['role'] + '\n' + turn['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""

QWEN25 = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You keep the harbour library.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou keep the harbour library.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for turn in messages %}
    {%- if (turn.role == "user") or (turn.role == "system" and not loop.first) or (turn.role == "assistant" and not turn.tool_calls) %}
        {{- '<|im_start|>' + turn.role + '\\n' + turn.content + '<|im_end|>' + '\\n' }}
    {%- elif turn.role == "assistant" %}
        {{- '<|im_start|>' + turn.role }}
        {%- if turn.content %}
            {{- '\\n' + turn.content }}
        {%- endif %}
        {%- for call in turn.tool_calls %}
            {%- if call.function is defined %}
                {%- set call = call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- call.name }}
            {{- '", "arguments": ' }}
            {{- call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif turn.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- turn.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

QWEN3 = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(searching=true, last_question=messages|length - 1) %}
{%- for turn in messages[::-1] %}
    {%- set place = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and turn.role == "user" and turn.content is string and not(turn.content.startswith('<tool_response>') and turn.content.endswith('</tool_response>')) %}
        {%- set ns.searching = false %}
        {%- set ns.last_question = place %}
    {%- endif %}
{%- endfor %}
{%- for turn in messages %}
    {%- if turn.content is string %}
        {%- set content = turn.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (turn.role == "user") or (turn.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + turn.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif turn.role == "assistant" %}
        {%- set thought = '' %}
        {%- if turn.reasoning_content is string %}
            {%- set thought = turn.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_question %}
            {%- if loop.last or (not loop.last and thought) %}
                {{- '<|im_start|>' + turn.role + '\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + turn.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + turn.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""

GEMMA2 = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('A system turn is not read.') }}{% endif %}{% for turn in messages %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Turns must alternate.') }}{% endif %}{% if (turn['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = turn['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + turn['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"""

GEMMA3 = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_prefix = messages[0]['content'] + '

' -%}
    {%- else -%}
        {%- set first_prefix = messages[0]['content'][0]['text'] + '

' -%}
    {%- endif -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set first_prefix = "" -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for turn in turns -%}
    {%- if (turn['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Turns must alternate.") }}
    {%- endif -%}
    {%- if (turn['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = turn['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '
' + (first_prefix if loop.first else "") }}
    {%- if turn['content'] is string -%}
        {{ turn['content'] | trim }}
    {%- elif turn['content'] is iterable -%}
        {%- for item in turn['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Content of this kind is not read.") }}
    {%- endif -%}
    {{ '<end_of_turn>
' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model
'}}
{%- endif -%}
"""

PHI3 = """{% for turn in messages %}{% if turn['role'] == 'system' and turn['content'] %}{{'<|system|>\n' + turn['content'] + '<|end|>\n'}}{% elif turn['role'] == 'user' %}{{'<|user|>\n' + turn['content'] + '<|end|>\n'}}{% elif turn['role'] == 'assistant' %}{{'<|assistant|>\n' + turn['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"""

PHI35 = """{{ bos_token }}{% for turn in messages %}{% if (turn['role'] == 'system' and turn['content']) %}{{ '<|system|>' + '\n' + turn['content'] + '<|end|>' + '\n' }}{% elif (turn['role'] == 'user') %}{{'<|user|>' + '\n' + turn['content'] + '<|end|>' + '\n' + '<|assistant|>' + '\n'}}{% elif (turn['role'] == 'assistant') %}{{turn['content'] + '<|end|>' + '\n'}}{% endif %}{% endfor %}"""

PHI4 = """{% for turn in messages %}{% if (turn['role'] == 'system') %}{{'<|im_start|>system<|im_sep|>' + turn['content'] + '<|im_end|>'}}{% elif (turn['role'] == 'user') %}{{'<|im_start|>user<|im_sep|>' + turn['content'] + '<|im_end|>'}}{% elif (turn['role'] == 'assistant') %}{{'<|im_start|>assistant<|im_sep|>' + turn['content'] + '<|im_end|>'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant<|im_sep|>' }}{% endif %}"""

ZEPHYR = """{% for turn in messages %}
{% if turn['role'] == 'user' %}
{{ '<|user|>\n' + turn['content'] + eos_token }}
{% elif turn['role'] == 'system' %}
{{ '<|system|>\n' + turn['content'] + eos_token }}
{% elif turn['role'] == 'assistant' %}
{{ '<|assistant|>\n'  + turn['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

TINYLLAMA = """{% for turn in messages %}{% if not loop.first %}{{ '\n' }}{% endif %}{{ '<|' ~ turn.role ~ '|>\n' ~ turn.content ~ eos_token }}{% if loop.last and add_generation_prompt %}{{ '\n<|assistant|>\n' }}{% endif %}{% endfor %}"""

SMOLLM2 = """{% for turn in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a small harbour guide.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + turn['role'] + '\n' + turn['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""

SMOLLM3 = """{# A mode of reasoning, a block of facts, and the turns. #}
{%- if reasoning_mode is not defined -%}{%- set reasoning_mode = "/think" if (enable_thinking | default(true)) else "/no_think" -%}{%- endif -%}
{%- if messages[0].role == "system" -%}
  {%- set system_text = messages[0].content -%}
  {%- if "/no_think" in system_text -%}
    {%- set reasoning_mode = "/no_think" -%}
  {%- endif -%}
  {%- set custom = system_text.replace("/no_think", "").replace("/think", "").rstrip() -%}
{%- endif -%}
{{- "<|im_start|>system\\n" -}}
{{- "## Facts\\n\\n" -}}
{{- "Today: " ~ strftime_now("%d %B %Y") ~ "\\n" -}}
{{- "Reasoning: " ~ reasoning_mode ~ "\\n\\n" -}}
{{- "## Instructions\\n\\n" -}}
{%- if custom -%}
  {{- custom + "\\n\\n" -}}
{%- else -%}
  {{- "Answer shortly.\\n\\n" -}}
{%- endif -%}
{{- "<|im_end|>\\n" -}}
{%- for turn in messages -%}
  {%- set content = turn.content if turn.content is string else "" -%}
  {%- if turn.role == "user" -%}
    {{ "<|im_start|>" + turn.role + "\\n"  + content + "<|im_end|>\\n" }}
  {%- elif turn.role == "assistant" -%}
    {% generation %}
    {%- if reasoning_mode == "/think" -%}
      {{ "<|im_start|>assistant\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
    {%- else -%}
      {{ "<|im_start|>assistant\\n" + "<think>\\n\\n</think>\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
    {%- endif -%}
    {% endgeneration %}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {%- if reasoning_mode == "/think" -%}
    {{ "<|im_start|>assistant\\n" }}
  {%- else -%}
    {{ "<|im_start|>assistant\\n" + "<think>\\n\\n</think>\\n" }}
  {%- endif -%}
{%- endif -%}"""

DEEPSEEK = """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{{ bos_token }}{% for turn in messages %}{% if turn['role'] == 'user' %}{{ 'User: ' + turn['content'] + '\n\n' }}{% elif turn['role'] == 'assistant' %}{{ 'Assistant: ' + turn['content'] + eos_token }}{% elif turn['role'] == 'system' %}{{ turn['content'] + '\n\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"""

DEEPSEEK_R1 = """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(is_first=false, is_tool=false, system_prompt='') %}{%- for turn in messages %}{%- if turn['role'] == 'system' %}{% set ns.system_prompt = turn['content'] %}{%- endif %}{%- endfor %}{{bos_token}}{{ns.system_prompt}}{%- for turn in messages %}{%- if turn['role'] == 'user' %}{%- set ns.is_tool = false -%}{{'<|User|>' + turn['content']}}{%- endif %}{%- if turn['role'] == 'assistant' and turn['content'] is not none %}{%- set content = turn['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}{{'<|Assistant|>' + content + '<|end_of_answer|>'}}{%- endif %}{%- endfor -%}{% if add_generation_prompt and not ns.is_tool %}{{'<|Assistant|><think>\\n'}}{% endif %}"""

COMMAND_R = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set system_text = messages[0]['content'] %}{% elif false == true %}{% set turns = messages %}{% set system_text = 'You guide through a harbour.' %}{% else %}{% set turns = messages %}{% set system_text = false %}{% endif %}{% if system_text != false %}{{ '<|TURN|><|SYSTEM|>' + system_text + '<|END|>' }}{% endif %}{% for turn in turns %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Turns must alternate.') }}{% endif %}{% set content = turn['content'] %}{% if turn['role'] == 'user' %}{{ '<|TURN|><|USER|>' + content.strip() + '<|END|>' }}{% elif turn['role'] == 'assistant' %}{{ '<|TURN|><|BOT|>'  + content.strip() + '<|END|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|TURN|><|BOT|>' }}{% endif %}"""

GRANITE3 = """{%- if messages[0]['role'] == 'system' %}
    {%- set system_text = messages[0]['content'] %}
    {%- set turns = messages[1:] %}
{%- else %}
    {%- set system_text = "Knowledge ends: April 2024.\\nToday: " + strftime_now('%B %d, %Y') + ".\\nYou guide through a harbour." %}
    {%- if tools and documents %}
        {%- set system_text = system_text + " Use tools and documents." %}
    {%- elif tools %}
        {%- set system_text = system_text + " Use tools." %}
    {%- elif documents %}
        {%- set system_text = system_text + " Use documents." %}
    {%- elif thinking %}
        {%- set system_text = system_text + " Think first." %}
    {%- endif %}
    {%- set turns = messages %}
{%- endif %}
{{- '<|start_of_role|>system<|end_of_role|>' + system_text + '<|end_of_text|>
' }}
{%- for turn in turns %}
    {{- '<|start_of_role|>' + turn['role'] + '<|end_of_role|>' + turn['content'] + '<|end_of_text|>
' }}
    {%- if loop.last and add_generation_prompt %}
        {{- '<|start_of_role|>assistant' }}
        {%- if controls %}
            {{- ' ' + controls | tojson }}
        {%- endif %}
        {{- '<|end_of_role|>' }}
    {%- endif %}
{%- endfor %}"""

OLMO = """{{ eos_token }}{% for turn in messages %}
{% if turn['role'] == 'user' %}
{{ '<|user|>
' + turn['content'] }}
{% elif turn['role'] == 'system' %}
{{ '<|system|>
' + turn['content'] }}
{% elif turn['role'] == 'assistant' %}
{{ '<|assistant|>
'  + turn['content'] + ('
' if not loop.last else eos_token) }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

OLMO2 = """{{ bos_token }}{% for turn in messages %}{% if turn['role'] == 'system' %}{{ '<|system|>\n' + turn['content'] + '\n' }}{% elif turn['role'] == 'user' %}{{ '<|user|>\n' + turn['content'] + '\n' }}{% elif turn['role'] == 'assistant' %}{% if not loop.last %}{{ '<|assistant|>\n'  + turn['content'] + eos_token + '\n' }}{% else %}{{ '<|assistant|>\n'  + turn['content'] + eos_token }}{% endif %}{% endif %}{% if loop.last and add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}{% endfor %}"""

FALCON = """{% for turn in messages %}{% if not loop.first %}{{ '\n' }}{% endif %}{% if turn['role'] == 'system' %}{{ 'System: ' }}{% elif turn['role'] == 'user' %}{{ 'User: ' }}{% elif turn['role'] == 'assistant' %}{{ 'Falcon: ' }}{% endif %}{{ turn['content'].replace('\r\n', '\n').replace('\n\n', '\n') }}{% endfor %}{% if add_generation_prompt %}{{ '\n' + 'Falcon:' }}{% endif %}"""

VICUNA = """{%- set ns = namespace(lead='A curious visitor talks with a harbour guide. ') -%}
{%- for turn in messages -%}
    {%- if turn.role == 'system' -%}
        {%- set ns.lead = turn.content ~ ' ' -%}
        {%- continue -%}
    {%- endif -%}
    {%- if ns.lead -%}{{ ns.lead }}{%- set ns.lead = '' -%}{%- endif -%}
    {%- if turn.role == 'user' -%}
        {{- 'USER: ' + turn.content + ' ' -}}
    {%- else -%}
        {{- 'ASSISTANT: ' + turn.content + eos_token -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}"""

ALPACA = """{%- for turn in messages %}
{%- if turn.role == 'system' %}
{{- turn.content | trim }}

{% elif turn.role == 'user' %}
### Instruction:
{{ turn.content | trim }}

{% else %}
### Response:
{{ turn.content | trim }}{{ eos_token }}

{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}
### Response:
{% endif %}"""

HERMES = """{%- macro type_of(spec) -%}
    {%- set simple = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"} -%}
    {%- if spec.type in simple -%}{{- simple[spec.type] -}}
    {%- elif spec.type == "array" -%}{{- "list[" ~ type_of(spec["items"]) ~ "]" -}}
    {%- else -%}{{- "Any" -}}{%- endif -%}
{%- endmacro -%}
{%- macro turn_text(role, content, mark='<|im_end|>', ends=true) -%}
{{- '<|im_start|>' ~ role ~ '\\n' ~ content -}}{%- if ends -%}{{- mark ~ '\\n' -}}{%- endif -%}
{%- endmacro -%}
{{- bos_token -}}
{%- set shown = {'type': 'array', 'items': {'type': 'integer'}} -%}
{{- turn_text('system', 'Types: ' ~ type_of(shown) ~ ', ' ~ type_of({'type': 'null'}), ends=true) -}}
{%- for turn in messages if turn.role != 'system' -%}
    {{- turn_text(turn.role, turn['content']) -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- turn_text('assistant', '', ends=false) -}}{%- endif -%}"""

YI = """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% if messages[0]['role'] == 'system' %}{% set system_text = messages[0]['content'] %}{% endif %}{% if system_text is defined %}{{ system_text }}{% endif %}{% for turn in messages %}{% set content = turn['content'] %}{% if turn['role'] == 'user' %}{{ '<|im_start|>user\\n' + content + '<|im_end|>\\n<|im_start|>assistant\\n' }}{% elif turn['role'] == 'assistant' %}{{ content + '<|im_end|>' + '\\n' }}{% endif %}{% endfor %}"""

# Constructs that templates use here and there, in one place.
PIECES = """{#- comments -#}
{%- set roles = messages | map(attribute='role') | list %}
{%- set users = messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list %}
roles: {{ roles | join(', ') }} ({{ roles | unique | sort | join('/') }})
users: {{ users | length }}, {{ users | first | upper }}, {{ (users | last)[:5] }}, {{ users[0][-3:] }}, {{ users[0][::-1] }}, {{ users[0][1:8:2] }}
  {% for first, second in [('a', 1), ('b', 2)] %}
{{ loop.index }}/{{ loop.length }} {{ first }}={{ second }}{{ ';' if not loop.last }} prev {{ loop.previtem[0] if loop.previtem is defined else '-' }} next {{ loop.nextitem is defined }}
  {% else %}
never
  {% endfor %}
{% for none_here in [] %}x{% else %}empty{% endfor %}
{% for number in range(10) if number is odd %}{% if number > 7 %}{% break %}{% endif %}{% if number == 3 %}{% continue %}{% endif %}{{ number }} {% endfor %}
{% set counts = namespace(total=0, names=[]) %}
{% for turn in messages %}{% set counts.total = counts.total + turn.content | length %}{% set counts.names = counts.names + [turn.role[0]] %}{% endfor %}
total {{ counts.total }} {{ counts.names }}
{% set block %}  a block of {{ roles | length }} turns  {% endset %}[{{ block | trim }}] [{{ block.strip() }}]
{% set filtered | upper | trim %}  kept small {% endset %}<{{ filtered }}>
{% filter replace('o', '0') %}foot ball{% endfilter %}

{% raw %}{{ not code }} {% if %}{% endraw %}

{{ {'b': 1, 'a': [true, none, 2.5, 'é"\\'']} | tojson }} {{ {'b': 1, 'a': []} | tojson(indent=2, sort_keys=true) }} {{ {'k': 'é'} | tojson(ensure_ascii=true) }}
{{ {'x': 1, 'y': 'z'} }} {{ [1, 2.0, 'it\\'s', none, true] }} {{ (1,) }} {{ 'a' in {'a': 1} }} {{ 'z' not in 'abc' }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 7 / 2 }} {{ 1 + 2 * 3 - 4 }} {{ 'ab' * 3 }} {{ 1 ~ 2 }} {{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ not false and (1 or 0) }}
{{ ' x '.strip() ~ '|' ~ 'xxaxx'.strip('x') ~ '|' ~ 'a,b,,c'.split(',') ~ '|' ~ ' a  b '.split() ~ '|' ~ 'a-b-c'.rsplit('-', 1) ~ '|' ~ 'aXbX'.replace('X', '', 1) }}
{{ 'hello world'.title() }} {{ 'hello wORLD' | capitalize }} {{ "they're here-now" | title }} {{ 'abc'.find('c') }} {{ 'a'.join(['x', 'y']) }} {{ 'Abc'.startswith(('A', 'B')) }} {{ 'ab'.upper().lower() }}
{{ missing | default('dflt') }} {{ '' | default('dflt', true) }} {{ missing is defined }} {{ none is none }} {{ 3 is number }} {{ 'x' is string }} {{ {} is mapping }} {{ [] is sequence }} {{ 'x' is iterable }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 'a' is in ['a'] }} {{ true is boolean }} {{ 2 is eq 2 }} {{ 1.0 is float }}
{{ '3' | int + 1 }} {{ '2.7' | int }} {{ 'x' | int(9) }} {{ '1.5' | float }} {{ -3 | abs }} {{ 2.5 | round }} {{ [3, 1, 2] | sort }} {{ [3, 1, 2] | sort(reverse=true) | first }} {{ [1, 2, 3] | sum }} {{ [1, 5, 2] | max }} {{ 'cab' | list | sort | join }} {{ [1, 2, 3, 4] | batch(3) | list }}
{{ {'b': 2, 'a': 1} | dictsort }} {% for key, value in {'b': 2, 'a': 1}.items() %}{{ key }}:{{ value }},{% endfor %} {{ {'a': 1}.get('b', 'none') }} {{ {'a': {'b': 5}}.a.b }} {{ dict(a=1, b='c') }}
{{ 'one\\ntwo' | indent(2) }} {{ 'line' | indent(2, true) }} {{ ['a', 'bb'] | map('upper') | join('-') }} {{ ['', 'x'] | select | list }} {{ [1, 2, 3] | reject('even') | list }} {{ messages | rejectattr('role', 'in', ['user', 'system']) | map(attribute='role') | list }}
{{ "tab\\tquote\\"back\\\\slash\\u00e9\\x41" }} {{ 'implicit ' 'join' }} {{ [1, 2][-1] }} {{ [1, 2][5] is defined }} {{ 'abc'[1] }} {{ messages[0].missing is defined }} {{ "%s and %d" % ("x", 3) }} {{ loop is defined }}
   {%+ if true %}kept{% endif +%}

   {%- if true -%}   tight   {%- endif -%}
{% with inner = 5 %}{{ inner }}{% endwith %}{{ inner is defined }}
{%- macro wrap(name, open='(') %}{{ open }}{{ name }}{{ caller() if caller else '' }}){% endmacro %}
{{ wrap('a') }} {{ wrap(open='[', name='b') }} {% call wrap('c') %} body{% endcall %}

end"""

SPECIAL = dict(bos_token="<s>", eos_token="</s>")
CHATML = dict(bos_token="<|endoftext|>", eos_token="<|im_end|>")
NO_SYSTEM = {"mistral-1", "gemma-2"}

TEMPLATES = {
    "llama-2": (LLAMA2, SPECIAL), "llama-3": (LLAMA3, dict(bos_token="<|begin_of_text|>", eos_token="<|eot_id|>")),
    "llama-3.1": (LLAMA31, dict(bos_token="<|begin_of_text|>", eos_token="<|eot_id|>")), "mistral-1": (MISTRAL1, SPECIAL),
    "mistral-3": (MISTRAL3, SPECIAL), "tekken": (TEKKEN, SPECIAL), "qwen-2": (QWEN2, CHATML), "qwen-2.5": (QWEN25, CHATML),
    "qwen-3": (QWEN3, CHATML), "gemma-2": (GEMMA2, dict(bos_token="<bos>", eos_token="<eos>")),
    "gemma-3": (GEMMA3, dict(bos_token="<bos>", eos_token="<eos>")), "phi-3": (PHI3, SPECIAL), "phi-3.5": (PHI35, SPECIAL),
    "phi-4": (PHI4, CHATML), "zephyr": (ZEPHYR, SPECIAL), "tinyllama": (TINYLLAMA, SPECIAL), "smollm-2": (SMOLLM2, CHATML),
    "smollm-3": (SMOLLM3, CHATML), "deepseek": (DEEPSEEK, SPECIAL), "deepseek-r1": (DEEPSEEK_R1, SPECIAL),
    "command-r": (COMMAND_R, SPECIAL), "granite-3": (GRANITE3, dict(bos_token="<|end_of_text|>", eos_token="<|end_of_text|>")),
    "olmo": (OLMO, SPECIAL), "olmo-2": (OLMO2, SPECIAL), "falcon": (FALCON, SPECIAL), "vicuna": (VICUNA, SPECIAL),
    "alpaca": (ALPACA, SPECIAL), "hermes": (HERMES, SPECIAL), "yi": (YI, CHATML), "pieces": (PIECES, SPECIAL),
}
