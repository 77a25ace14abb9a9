"""Makes the tokenizer: byte-level BPE whose digits are always tokens of their own, and the chat template, into a folder."""
import json
import os
import random
import re
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

import data
import problems
import prompts

SIZE = 512
# How DeepSeek V3's tokenizer cuts words; GGUF files call it deepseek-v3.
CUTS = [
    r"\p{N}{1,3}",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message.role == 'system' %}{{ message.content }}"
    "{% elif message.role == 'user' %}<｜User｜>{{ message.content }}"
    "{% elif message.role == 'assistant' %}<｜Assistant｜>{{ message.content.split('</think>')[-1].strip() }}{{ eos_token }}"
    "{% else %}{{ raise_exception('roles are system, user and assistant') }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<｜Assistant｜><think>\n{% endif %}"
)


def corpus(n):
    """Questions with their numbers left out, and now and then an answer; of the thoughts only the words."""
    rng = random.Random(7)
    for i in range(n):
        lang = rng.choices(("en", "ar", "zh"), (70, 15, 15))[0]
        a, op, b = rng.randint(10, 99), rng.choice("+-*"), rng.randint(0, 9)
        texts = [prompts.question(rng, a, op, b, lang)]
        if i % 4 == 0:
            texts.append(prompts.other(rng, lang))
        if i % 16 == 0:
            texts += [prompts.SORRY[lang], prompts.ANSWER[lang], prompts.NOT_MINE, "check", " no\n", " ok\n", "again\n", "\n\n"]
        if i % 100 == 0:
            texts += prompts.SYSTEM + prompts.VERIFY + prompts.BOXED + ["\nRIGHT", "\nWRONG"]
        for text in texts:
            yield from (piece for piece in re.split("[0-9]+|%d", text) if piece)


def make(folder):
    special = [data.BOS, data.EOS, data.PAD, data.USER, data.ASSISTANT]
    tokenizer = Tokenizer(models.BPE())
    cuts = [pre_tokenizers.Split(Regex(c), "isolated") for c in CUTS]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cuts + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=SIZE - 2, special_tokens=[AddedToken(s, special=True, normalized=False) for s in special], initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False, max_token_length=12)
    tokenizer.train_from_iterator(corpus(8000), trainer)
    tokenizer.add_tokens([AddedToken(s, special=False, normalized=False) for s in (data.THINK, data.DONE)])
    os.makedirs(folder, exist_ok=True)
    tokenizer.save(f"{folder}/tokenizer.json")
    token = lambda s: {"__type": "AddedToken", "content": s, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    config = {
        "add_bos_token": False,
        "add_eos_token": False,
        "bos_token": token(data.BOS),
        "eos_token": token(data.EOS),
        "pad_token": token(data.PAD),
        "model_max_length": 1024,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "chat_template": TEMPLATE,
    }
    with open(f"{folder}/tokenizer_config.json", "w", encoding="utf-8") as f:
        json.dump(config, f, ensure_ascii=False, indent=1)
        f.write("\n")
    for c in "0123456789+-*=,:<>\n":
        assert len(tokenizer.encode("5" + c + "5", add_special_tokens=False).ids) == 3, c
    return tokenizer


if __name__ == "__main__":
    t = make(sys.argv[1])
    print(t.get_vocab_size(), sorted(t.get_vocab(), key=t.get_vocab().get)[261:])
    rng = random.Random(3)
    for _ in range(6):
        p, c, w = data.row(rng, problems.Mix(times=((3, 2),)))
        print(repr(p), [t.decode([i]) for i in t.encode(p, add_special_tokens=False).ids])
        print(c)
    n = [len(t.encode(data.row(rng, problems.ALL)[1]).ids) for _ in range(2000)]
    print("completion tokens", sum(n) / len(n), max(n))
