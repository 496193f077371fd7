"""Golden data of chat templates: what transformers makes of snippets of our own, and of conversations with published templates.

Writes snippets.json (template_snippets.py through transformers' own Jinja environment: the text, or that it is an error) and shared.json
(conversations through apply_chat_template of the tokenizers in ../shared/tokenizers: text and ids). What a case is rendered with
stands there as JSON text, as a caller of ours gives it.
Run: python tools/golden/template.py ../shared/tokenizers tests/golden/template
"""

import datetime
import json
import os
import pathlib
import sys
import time
from importlib.metadata import version

import template_snippets

os.environ["TZ"] = "UTC"
time.tzset()

from transformers import PreTrainedTokenizerFast  # noqa: E402
from transformers.utils import chat_template_utils  # noqa: E402

NOW = 1700000000


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(NOW)


chat_template_utils.datetime = Clock

USER = {"role": "user", "content": "hi"}


def weather(city_description="The city, e.g. \"Köln\""):
    return {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Tells the weather <now> & later.",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": city_description},
                    "days": {"type": "integer", "minimum": 1, "default": 1.5},
                    "unit": {"type": ["string", "null"], "enum": ["°C", "°F", None]},
                },
                "required": ["city"],
            },
        },
    }


def call(arguments, name="get_weather"):
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


THINKING = "<think>\nLet me see.\n</think>\n\n"
LONG = "The same words again, und noch einmal, 然后再来一次. \n" * 150


def conversations():
    """name, messages, and what else is given."""
    system = {"role": "system", "content": "You are terse."}
    yield "one message", [USER], {}
    yield "generation prompt", [USER], {"add_generation_prompt": True}
    yield "system prompt", [system, USER], {"add_generation_prompt": True}
    yield "several turns", [system, USER, {"role": "assistant", "content": "Hello!"}, {"role": "user", "content": "And?"}], {
        "add_generation_prompt": True
    }
    yield "ends with an answer", [USER, {"role": "assistant", "content": "Hello!"}], {}
    yield "thinking off", [USER], {"add_generation_prompt": True, "variables": {"enable_thinking": False}}
    yield "thinking on", [USER], {"add_generation_prompt": True, "variables": {"enable_thinking": True}}
    yield "thinking in the content", [
        USER,
        {"role": "assistant", "content": THINKING + "First."},
        {"role": "user", "content": "More"},
        {"role": "assistant", "content": THINKING + "Second."},
    ], {}
    for field in ("reasoning_content", "thinking", "reasoning"):
        yield f"thinking as {field}", [USER, {"role": "assistant", "content": "So.", field: "\nHm.\n"}], {}
    yield "tools", [USER], {"tools": [weather()], "add_generation_prompt": True}
    yield "tools and system prompt", [system, USER], {"tools": [weather(), weather("second")], "add_generation_prompt": True}
    yield "empty tools", [USER], {"tools": [], "add_generation_prompt": True}
    yield "tool call", [USER, {"role": "assistant", "content": "", "tool_calls": [call({"city": "Köln \"x\"", "days": 2})]}], {
        "tools": [weather()]
    }
    yield "tool call, arguments as text", [USER, {"role": "assistant", "content": "", "tool_calls": [call('{"city": "A"}')]}], {
        "tools": [weather()]
    }
    yield "tool call without content", [USER, {"role": "assistant", "content": None, "tool_calls": [call({"city": "A"})]}], {}
    yield "tool call and words", [USER, {"role": "assistant", "content": "Wait.", "tool_calls": [call({})]}], {}
    yield "two tool calls", [USER, {"role": "assistant", "content": "", "tool_calls": [call({"a": 1}), call({"b": [None, 2.5]})]}], {}
    yield "tool result", [
        USER,
        {"role": "assistant", "content": "", "tool_calls": [call({"city": "A"})]},
        {"role": "tool", "name": "get_weather", "content": '{"sky": "grey"}'},
    ], {"tools": [weather()], "add_generation_prompt": True}
    yield "two tool results, then an answer", [
        USER,
        {"role": "assistant", "content": "", "tool_calls": [call({"city": "A"})]},
        {"role": "tool", "content": "grey"},
        {"role": "tool", "content": "12"},
        {"role": "assistant", "content": "Grey, 12 degrees."},
        {"role": "user", "content": "Thanks"},
    ], {"tools": [weather()], "add_generation_prompt": True}
    yield "tool result that is no text", [
        USER,
        {"role": "assistant", "content": "", "tool_calls": [call({"city": "A"})]},
        {"role": "tool", "content": {"sky": ["grey", 1, None, True]}},
    ], {}
    yield "no content", [{"role": "user"}], {}
    yield "content is null", [{"role": "user", "content": None}], {}
    yield "empty content", [{"role": "user", "content": ""}], {"add_generation_prompt": True}
    yield "blank content", [{"role": "user", "content": " \n\t \u00a0"}], {"add_generation_prompt": True}
    yield "odd content", [
        {"role": "system", "content": "{{ messages }} {% raw %} <|im_end|> \\n"},
        {"role": "user", "content": "\"quotes\" 'single' \\ back\r\nline\u2028sep \u0000 \u200b é e\u0301 😀👩‍👩‍👧 اَلْعَرَبِيَّةُ"},
        {"role": "assistant", "content": "<think>half"},
        {"role": "user", "content": "<tool_response>x</tool_response>"},
    ], {"add_generation_prompt": True}
    yield "content in parts", [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}], {}
    yield "unknown role", [{"role": "wizard", "content": "x"}], {}
    yield "system prompt in the middle", [USER, system, USER], {}
    yield "long content", [system, {"role": "user", "content": LONG}, {"role": "assistant", "content": LONG[:2000]}, USER], {}
    yield "many turns", [USER, {"role": "assistant", "content": "ok"}] * 40 + [USER], {"add_generation_prompt": True}
    yield "documents", [USER], {"documents": [{"title": "T", "text": "x"}]}
    yield "variables of the template", [USER], {
        "variables": {"date_string": "1 Jan 2025", "tools_in_user_message": False, "builtin_tools": ["code_interpreter", "search"]},
        "tools": [weather()],
    }
    yield "custom tools", [USER], {"variables": {"custom_tools": [weather()]}}
    yield "another bos token", [USER], {"variables": {"bos_token": "<BOS>"}}
    yield "continued", [USER, {"role": "assistant", "content": "Once upon"}], {"continue_final_message": True}
    yield "continued behind blanks", [USER, {"role": "assistant", "content": " Once upon \n"}], {"continue_final_message": True}
    yield "continued nothing", [USER, {"role": "assistant", "content": ""}], {"continue_final_message": True}
    yield "continued user", [USER], {"continue_final_message": True}
    yield "continued without content", [USER, {"role": "assistant"}], {"continue_final_message": True}
    yield "nothing", [], {}


def outcome(render):
    try:
        return {"text": render()}
    except Exception:
        return {"error": True}


def snippets():
    for group, entries in template_snippets.GROUPS.items():
        for entry in entries:
            template, variables = (entry, None) if isinstance(entry, str) else entry
            case = {"group": group, "template": template}
            if variables:
                case["variables"] = json.dumps(variables, ensure_ascii=False)
            yield case | outcome(
                lambda: chat_template_utils.render_jinja_template([[dict(USER)]], chat_template=template, **(variables or {}))[0][0]
            )


def rendered(tokenizer, name, messages, options):
    arguments = {k: v for k, v in options.items() if k != "variables"} | options.get("variables", {})
    case = {"name": name, "messages": messages} | options
    for part in ("messages", "tools", "documents", "variables"):
        if part in case:
            case[part] = json.dumps(case[part], ensure_ascii=False)
    case |= outcome(lambda: tokenizer.apply_chat_template(messages, tokenize=False, **arguments))
    if "text" in case:
        case["ids"] = tokenizer(case["text"], add_special_tokens=False)["input_ids"]
    return case


def write(path, content):
    head = {"transformers": version("transformers"), "jinja2": version("jinja2"), "now": NOW}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(head | content, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


def main(shared, out):
    out.mkdir(parents=True, exist_ok=True)
    write(out / "snippets.json", {"cases": list(snippets())})
    models = {}
    for name in ("qwen3", "llama3"):
        tokenizer = PreTrainedTokenizerFast.from_pretrained(shared / name)
        models[name] = [rendered(tokenizer, *conversation) for conversation in conversations()]
    write(out / "shared.json", {"models": models})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
