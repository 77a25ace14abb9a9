"""Drives burhan serve with the unmodified openai client: python3 chat.py BASE_URL MODEL CLIENTS_FOLDER.

Prints one JSON object that the test looks into; fails on anything that the client itself finds wrong.
"""

import json
import os
import sys

base_url, model, clients = sys.argv[1:]
sys.path.insert(0, os.path.join(clients, sys.implementation.cache_tag))

import openai  # noqa: E402

client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0, timeout=300)
question = [{"role": "user", "content": "What is the capital of France?"}]
told = {"version": openai.__version__}

whole = client.chat.completions.create(
    model=model, messages=question, temperature=0, max_tokens=24, logprobs=True, top_logprobs=2
)
told["answer"] = whole.choices[0].message.content
told["finish_reason"] = whole.choices[0].finish_reason
told["usage"] = whole.usage.model_dump()
told["logprobs"] = len(whole.choices[0].logprobs.content)
told["fingerprint"] = whole.system_fingerprint

stream = client.chat.completions.create(
    model=model,
    messages=question,
    temperature=0,
    max_completion_tokens=24,
    stream=True,
    stream_options={"include_usage": True},
)
pieces, reasons = [], []
for chunk in stream:
    for choice in chunk.choices:
        pieces.append(choice.delta.content or "")
        if choice.finish_reason:
            reasons.append(choice.finish_reason)
    if chunk.usage:
        told["streamed_usage"] = chunk.usage.model_dump()
told["streamed"] = "".join(pieces)
told["pieces"] = len([piece for piece in pieces if piece])
told["streamed_reasons"] = reasons

told["models"] = [entry.id for entry in client.models.list()]
told["model"] = client.models.retrieve(model).id


def error(call):
    try:
        call()
    except openai.APIStatusError as e:
        return {"class": type(e).__name__, "status": e.status_code, "param": e.param, "code": e.code, "message": e.message}
    return None


told["bad_parameter"] = error(
    lambda: client.chat.completions.create(model=model, messages=question, temperature=3)
)
told["not_supported"] = error(
    lambda: client.chat.completions.create(
        model=model, messages=question, response_format={"type": "json_object"}
    )
)
told["unknown_parameter"] = error(
    lambda: client.chat.completions.create(model=model, messages=question, extra_body={"top_q": 1})
)
told["unknown_model"] = error(lambda: client.chat.completions.create(model="gpt-4o", messages=question))
told["no_such_model"] = error(lambda: client.models.retrieve("gpt-4o"))
print(json.dumps(told))
