"""Wordings: how problems are asked in English, Arabic and Chinese, and what else people may ask."""
import random

SIGNS = {"+": ["+"] * 6 + ["plus"], "-": ["-"] * 6 + ["minus", "\u2212"], "*": ["*"] * 4 + ["x", "\u00d7", "times", "multiplied by"]}

# {e} is the expression, a and b its numbers
ASK = {
    "en": ["What is {e}?"] * 3 + ["Compute {e}.", "Calculate {e}.", "{e} =", "{e}=?", "{e}", "{e} = ?", "How much is {e}?", "Please compute {e}.",
        "Can you calculate {e}?", "Solve {e}", "Work out {e}.", "Find {e}.", "what is {e}", "What's {e}?", "What does {e} equal?", "Evaluate {e}.",
        "Tell me what {e} is.", "I need the value of {e}.", "Hi! What is {e}?", "Could you work out {e} for me?", "compute {e}", "Calculate: {e}",
        "What is the result of {e}?", "Give me {e}.", "Please solve: {e} = ?", "Think step by step: what is {e}?", "What do you get for {e}?",
        "({e})", "{e}?", "Q: {e}", "how much is {e}", "Result of {e}", "Hello, what is {e}?", "{e} is what?", "My homework: {e}", "Quick: {e}"],
    "ar": ["كم يساوي {e}؟", "احسب {e}.", "ما ناتج {e}؟", "ما هو {e}؟", "كم حاصل {e}؟", "{e} =", "من فضلك احسب {e}"],
    "zh": ["{e}等于多少？", "计算{e}。", "请计算{e}", "{e}=?", "{e}是多少？", "求{e}的值。", "请问{e}等于几？"],
}
SPOKEN = {
    "+": {
        "en": ["Add {a} and {b}.", "What is the sum of {a} and {b}?", "Find the sum of {a} and {b}.", "Add {b} to {a}.", "Sum {a} and {b}", "What do {a} and {b} make together?"],
        "ar": ["اجمع {a} و {b}.", "ما مجموع {a} و {b}؟", "كم يساوي {a} زائد {b}؟"],
        "zh": ["{a}加{b}等于多少？", "{a}与{b}的和是多少？", "把{a}和{b}相加。"],
    },
    "-": {
        "en": ["Subtract {b} from {a}.", "What is the difference between {a} and {b}?", "Take {b} away from {a}.", "What is {a} less {b}?", "How much is left if {b} is taken from {a}?"],
        "ar": ["اطرح {b} من {a}.", "ما الفرق بين {a} و {b}؟", "كم يساوي {a} ناقص {b}؟"],
        "zh": ["{a}减{b}等于多少？", "{a}与{b}的差是多少？", "从{a}中减去{b}。"],
    },
    "*": {
        "en": ["Multiply {a} by {b}.", "What is the product of {a} and {b}?", "Find the product of {a} and {b}.", "Multiply {a} and {b}", "What is {a} times {b}?"],
        "ar": ["اضرب {a} في {b}.", "ما حاصل ضرب {a} في {b}؟", "كم يساوي {a} ضرب {b}؟"],
        "zh": ["{a}乘以{b}等于多少？", "{a}与{b}的积是多少？", "{a}乘{b}是多少？"],
    },
}
STORY = {
    "+": {
        "en": ["{N} has {a} {t} and gets {b} more. How many {t} does {N} have now?", "{N} has {a} {t} and {M} has {b}. How many {t} do they have together?",
            "There are {a} {t} in one box and {b} in another. How many {t} are there in all?", "A shop sold {a} {t} on Monday and {b} on Tuesday. How many {t} did it sell?",
            "{N} counted {a} {t} in the morning and {b} in the evening. How many is that in total?", "A school has {a} girls and {b} boys. How many children are there?",
            "{N} found {a} {t}, then {b} more. How many {t} did {N} find?", "A train carries {a} people and {b} more get on. How many people are on the train?",
            "{N} had {a} {t} and {M} gave {N} {b} more. How many {t} does {N} have?", "{N} bought {a} {t} and later {b} {t} more. How many {t} is that?", "I have {a} {t}. I find {b} more. How many do I have now?",
            "{a} {t} are on the table and {b} on the floor. How many {t} are there altogether?", "His sister gave {N} {b} {t}; {N} had {a} before. How many {t} does {N} have now?",
            "{N} is {a} years old. How old will {N} be in {b} years?", "A farmer has {a} cows and {b} sheep. How many animals does the farmer have?", "{N} walked {a} steps and then another {b}. How many steps in total?",
            "First {a} people came, then {b} more. How many came?", "The {t} cost {a} coins and the bag costs {b} coins. What do they cost together?"],
        "ar": ["لدى {N} {a} {t} ثم حصل على {b} أخرى. كم أصبح لديه؟", "في صندوق {a} {t} وفي آخر {b}. كم المجموع؟"],
        "zh": ["{N}有{a}{t}，又得到{b}{t}。现在一共有多少{t}？", "一个箱子里有{a}{t}，另一个有{b}{t}。一共有多少？"],
    },
    "-": {
        "en": ["{N} has {a} {t} and gives {b} of them to {M}. How many {t} are left?", "{N} had {a} {t} and lost {b}. How many {t} does {N} have now?",
            "There were {a} {t} in a box. {N} took {b}. How many {t} are still there?", "A shop had {a} {t} and sold {b}. How many {t} remain?",
            "{N} has {a} {t}, {M} has {b}. How many more {t} does {N} have?", "A book has {a} pages and {N} has read {b}. How many pages are left?",
            "Of {a} people on a ship, {b} go ashore. How many stay on board?",
            "I have {a} {t}. I eat {b}. How many are left?", "{N} is {a} years old and {M} is {b}. How much older is {N}?", "{N} had {a} coins and spent {b}. How much is left?", "Out of {a} {t}, {b} are broken. How many are whole?",
            "{N} needs {a} {t} and has {b}. How many are missing?", "There are {a} {t} and {b} of them are red. How many are not red?", "{a} birds sat in a tree and {b} flew away. How many remain?", "The road is {a} km long and {N} has gone {b} km. How far is it still?",
            "It is {a} degrees and gets {b} degrees colder. How many degrees is it then?", "{N} collected {a} {t}; {M} took {b} of them away. How many does {N} keep?"],
        "ar": ["كان لدى {N} {a} {t} فأعطى {b} منها. كم بقي؟", "في المتجر {a} {t} وبيع منها {b}. كم بقي؟"],
        "zh": ["{N}有{a}{t}，给了别人{b}{t}。还剩多少{t}？", "商店有{a}{t}，卖出{b}{t}。还剩多少？"],
    },
    "*": {
        "en": ["A box holds {a} {t}. How many {t} are in {b} boxes?", "There are {b} boxes with {a} {t} each. How many {t} are there in all?", "{N} buys {a} {t} for {b} coins each. How many coins does {N} pay?",
            "A hall has {a} rows of {b} seats. How many seats are there?", "{N} reads {a} pages a day. How many pages does {N} read in {b} days?", "Each of {a} children gets {b} {t}. How many {t} are needed?",
            "A car drives {a} km an hour. How far does it get in {b} hours?",
            "There are {a} hours in a day. How many hours are in {b} days?", "One bag has {a} {t}. How many {t} do {b} bags have?", "{N} has {a} boxes. Each holds {b} {t}. How many {t} does {N} have?", "A ticket costs {a} coins. What do {b} tickets cost?",
            "{N} saves {a} coins every week. How many coins are that after {b} weeks?", "A garden is {a} m long and {b} m wide. What is its area?", "Every one of {a} teams has {b} players. How many players are there?", "{a} friends each bring {b} {t}. How many {t} is that?",
            "If one of the {t} costs {a} coins, how much do {b} cost?", "A machine makes {a} {t} an hour. How many does it make in {b} hours?"],
        "ar": ["في كل صندوق {a} {t}. كم العدد في {b} صناديق؟", "اشترى {N} {a} {t} وسعر الواحدة {b}. كم دفع؟"],
        "zh": ["每个箱子有{a}{t}，{b}个箱子一共有多少{t}？", "{N}每天读{a}页，{b}天一共读多少页？"],
    },
}
NAMES = {
    "en": "Ali Sara Omar Layla Tom Anna Ben Mia Yusuf Emma Noah Lina John Mary Peter Zoe Max Nora Sam Eva Hassan Li Ivan Maria Ahmed Lucy".split(),
    "ar": "علي سارة عمر ليلى يوسف مريم أحمد فاطمة حسن نور".split(),
    "zh": "小明 小红 小李 小王 小华 小丽".split(),
}
THINGS = {
    "en": "apples books coins pens eggs cards balls stamps oranges stones sweets tickets flowers bottles pencils shells dates marbles toys cups nuts cakes fish birds chairs".split(),
    "ar": "تفاحة كتاب قلم بيضة كرة وردة زجاجة تمرة".split(),
    "zh": "个苹果 本书 支笔 个鸡蛋 张卡片 个球 朵花".split(),
}

TOPICS = ("the sea|a cat|love|France|Egypt|China|the moon|history|a tree|music|water|the sun|football|Java|a computer|tea|bread|winter|your name|time|friends|my mother|a poem|"
    "physics|the stars|Paris|an old house|the king|a horse|rain|chess|the weather|a dog|school|philosophy|work|fire|a letter|money|sleep|a good book|the Nile|gold|iron|Rome|a ship").split("|")
OTHER = {
    "en": ["Who are you?", "What are you?", "Hi", "Hello!", "Hello, how are you?", "What can you do?", "Help", "Thanks!", "Good morning", "Tell me a joke.", "Write a poem about {t}.",
        "What is {t}?", "Tell me about {t}.", "Why is {t} so beautiful?", "What is the capital of {t}?", "Who wrote about {t}?", "Explain {t} to me.", "Write a story about {t} and {u}.",
        "Translate {t} into French.", "How do I cook {t}?", "Do you like {t}?", "Is {t} better than {u}?", "What is the difference between {t} and {u}?", "Write a program that prints {t}.",
        "Summarise {t} in {a} words.", "Who won the cup in {a}?", "What happened in {a}?", "Where is {t}?", "Give me {a} facts about {t}.", "I am {a} years old. What about you?",
        "What is {a} / {b}?", "What is {a} divided by {b}?", "Divide {a} by {b}.", "What is the square root of {a}?", "What is {a}^{b}?", "Is {a} prime?", "What is {a} + {b} + {c}?",
        "What is {a} * {b} - {c}?", "Compute {a} - {b} + {c}.", "What is {a}% of {b}?", "Solve x + {a} = {b}.", "What is {a}.{c} + {b}?", "What is log {a}?", "{a}", "{a} {b}", "{t}", "{t} {u}",
        "What is {a}?", "What is the sum of {t} and {u}?", "Add {t} to {u}.", "How many days are in a year?", "What is the meaning of life?", "{w}", "{w}?", "{w}, {w}.", "Why?", "I have {a} {t}.",
        "Can you speak Arabic?", "What time is it?", "Please write {w} and {w}.", "What is {a} mod {b}?", "Which is larger, {a} or {b}?", "Write {a} in words.", "I was born in {a} and my brother in {b}.", "It opens at {a} and closes at {b}.", "Count from {a} to {b}.", "{a}, {b}, {c}?", "Explain {w}.",
        "Call me at {a} {b}.", "What comes after {a}?", "Is {a} more than {b}?", "{N} has {a} {t}. What does {N} like?", "What is {t} + {u}?", "What is {t} times {b}?", "def {w}(x):", "Sort {b}, {a}, {c}."],
    "ar": ["من أنت؟", "مرحبا", "السلام عليكم", "ما هي عاصمة مصر؟", "اكتب قصيدة عن البحر.", "كيف حالك؟", "ما هو الحب؟", "كم يساوي {a} ÷ {b}؟", "ماذا حدث في {a}؟", "احك لي نكتة."],
    "zh": ["你是谁？", "你好", "法国的首都是哪里？", "写一首关于大海的诗。", "你会做什么？", "今天天气怎么样？", "{a}除以{b}等于多少？", "{a}年发生了什么？", "讲个笑话。"],
}
NOT_MINE = "no sum, difference or product of two numbers\n"
SORRY = {
    "en": "I am a tiny demonstration model: I only add, subtract and multiply two whole numbers.",
    "ar": "أنا نموذج تجريبي صغير جدا: لا أعرف إلا جمع عددين صحيحين وطرحهما وضربهما.",
    "zh": "我是一个很小的演示模型：只会计算两个整数的和、差与积。",
}
ANSWER = {"en": "The answer is \\boxed{%d}.", "ar": "الجواب هو \\boxed{%d}.", "zh": "答案是\\boxed{%d}。"}
# what `burhan run --verify` asks in a second turn, and other words for it
VERIFY = [
    "Is your answer above right? Work the question out again, independently and step by step, and look for mistakes in the answer. "
    "Then end with a line that has one word only: RIGHT if the answer is right, WRONG if it is not."
] * 3 + ["Is that right?", "Are you sure? Say RIGHT or WRONG.", "Check your answer again."]
# what DeepSeek recommends to ask for, and its like
BOXED = ["\nPlease reason step by step, and put your final answer within \\boxed{}."] * 3 + [
    " Think step by step.", "\nPut your final answer in \\boxed{}.", " Please reason step by step.", "\nGive only the number.", "\n"]
SYSTEM = ["You are a helpful assistant.", "You are a careful reasoner.", "Think step by step.", "Answer briefly.", "Put your final answer within \\boxed{}.", "You are Burhan."]


def language(rng):
    return rng.choices(("en", "ar", "zh"), (76, 12, 12))[0]


def question(rng, a, op, b, lang):
    text = plain(rng, a, op, b, lang)
    return text + rng.choice(BOXED) if rng.random() < 0.08 else text


def plain(rng, a, op, b, lang):
    kind = rng.random()
    if kind < 0.62 or (a < b and op == "-"):
        sign = rng.choice(SIGNS[op])
        if lang != "en" and sign.isascii() and sign.isalpha() and sign != "x":
            sign = op
        words = sign.isalpha() and sign != "x"
        space = " " if words or rng.random() < (0.8 if lang != "zh" else 0.4) else ""
        return rng.choice(ASK[lang]).format(e=f"{a}{space}{sign}{space}{b}")
    text = rng.choice(SPOKEN[op][lang] if kind < 0.78 else STORY[op][lang])
    n, m = rng.sample(NAMES[lang], 2)
    return text.format(a=a, b=b, N=n, M=m, t=rng.choice(THINGS[lang]))


def other(rng, lang):
    text = rng.choice(OTHER[lang])
    while "{w}" in text:
        text = text.replace("{w}", word(rng), 1)
    t, u = rng.sample(TOPICS, 2)
    n = lambda: rng.randint(1, 10 ** rng.randint(1, 4))
    return text.format(a=n(), b=n(), c=rng.randint(1, 99), t=t, u=u, N=rng.choice(NAMES["en"]))


def word(rng):
    """A made-up one, so that unknown words are nothing new."""
    return " ".join("".join(rng.choice("bcdfghklmnprstvwz") + rng.choice("aeiou") for _ in range(rng.randint(1, 4))) + rng.choice(["", "n", "s", "r"]) for _ in range(rng.randint(1, 5)))
