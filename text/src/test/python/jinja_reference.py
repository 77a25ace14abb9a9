"""What Jinja 3.1.6 makes of small templates, in the environment that transformers renders chat templates in.

    python jinja_reference.py > ../resources/dev/burhan/text/template/jinja_reference.json
"""
import json
from datetime import datetime

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def render(template, variables):
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = lambda f: datetime(2026, 11, 4, 9, 5, 7, 123456).strftime(f)
    try:
        return {"text": environment.from_string(template).render(**variables)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


VARIABLES = {'messages': [{'role': 'user', 'content': 'Hi'}],
 'tools': None,
 'items': [3, 1, 2],
 'name': 'Ünïcode 😀 x',
 'd': {'b': 1, 'a': [True, None, 1.5, "it's"]},
 'users': [{'n': 'bob', 'age': 5}, {'n': 'Al', 'age': 3}, {'n': 'cy'}],
 'empty': [],
 'text': '  pad me \n',
 'n': 7,
 'big': 12345678901234567890,
 'f': 0.1}

TEMPLATES = {
    'whitespace control': [
        'a\n  {% if true %}\nb\n  {% endif %}\nc\n',
        'a  {%- if true -%}  b  {%- endif -%}  c',
        ' {%+ if true %}x{% endif %}\n y {{- 1 -}} z',
        '{# c #}\nx\n  {# d #}  \ny',
        '{{ 1 }}\n{{ 2 }}\n\n',
        '{% if true +%}\nx{% endif %}',
        '{% raw %}{{ no }}{% endraw %}\nz',
        '\r\na\r\nb\r\n',
        " {{- ' a ' -}} \n b",
        '{%- set x = 1 %}\n\n{{ x }}',
    ],
    'values': [
        "{{ none }} {{ true }} {{ [1,'a',None,true] }} {{ (1,) }} {{ (1,2) }} {{ {'a': 1.0} }}",
        '{{ 1e20 }} {{ 1e-7 }} {{ 123456789.125 }} {{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ -0.0 }} {{ f }} {{ big }} {{ big * big }}',
        '{{ "it\'s" | list }} {{ [\'a\\\'b"c\', \'x\\n\\t\\x07\\u200b\'] }}',
        "{{ 'a' 'b' }}{{ '\\x41\\u00e9\\101\\q' }}",
        '{{ d }}',
        "{{ undefined_thing }}|{{ d.nope }}|{{ d['nope'] }}|{{ items[10] }}|{{ empty|first }}",
    ],
    'arithmetic': [
        '{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 7.5 // 2 }} {{ 1 + 2 * 3 - 4 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}',
        "{{ 'ab' * 3 }} {{ [1] * 2 + [2] }} {{ 'a' ~ 1 ~ none }} {{ 9223372036854775807 + 1 }} {{ 4 / 2 }} {{ true + 1 }}",
        "{{ '%s is %d and %.2f %5s|%-5s|' % ('x', 3, 1.5, 'r', 'l') }}",
        "{{ 'a' + 1 }}",
        '{{ 1 / 0 }}',
        '{{ nope + 1 }}',
    ],
    'comparison': [
        "{{ 1 == 1.0 }} {{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' in 'abc' }} {{ 'k' not in d }} {{ 2 in items }} {{ 'a' < 'b' }} {{ [1,2] < [1,3] }} {{ none == false }} {{ 1 == true }}",
        "{{ not 1 == 2 }} {{ not true and false }} {{ 1 and 0 or 'x' }} {{ '' or 'd' }} {{ none is none }}",
        "{{ 1 < 'a' }}",
        '{{ 1 in 5 }}',
        "{{ nope == nope2 }} {{ 'x' in nope }}",
    ],
    'conditional': [
        "{{ 'y' if n > 5 else 'n' }} {{ 'y' if n > 50 }}|{{ 1 if false else 2 if false else 3 }}",
    ],
    'slices': [
        '{{ items[1:] }} {{ items[::-1] }} {{ items[:-1] }} {{ name[0] }} {{ name[-3] }} {{ name[8:9] }} {{ name[::-1] }} {{ name|length }} {{ items[5:] }} {{ items[-10:2] }} {{ (1,2,3)[1:] }} {{ items[::2] }} {{ items[2:0:-1] }}',
    ],
    'strings': [
        "{{ text.strip() }}|{{ text.lstrip() }}|{{ text|trim }}|{{ 'xxaxx'.strip('x') }}|{{ 'a,b,,c'.split(',') }}|{{ ' a  b '.split() }}|{{ 'a b c'.split(' ', 1) }}|{{ 'a.b.c'.rsplit('.', 1) }}|{{ 'a\\nb\\r\\nc'.splitlines() }}",
        "{{ 'abc'.startswith(('x','a')) }} {{ 'abc'.endswith('bc') }} {{ 'abcabc'.replace('b','X',1) }} {{ 'abc'.find('c') }} {{ 'abc'.upper() }} {{ 'hello world-x it\\'s'.title() }} {{ 'hELLO'.capitalize() }} {{ ','.join(['a','b']) }} {{ 'abcb'.count('b') }} {{ '12'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a'.zfill(3) }} {{ 'a-b-c'.partition('-') }} {{ 'pre_x'.removeprefix('pre_') }} {{ '{0} {k}'.format('a',k=1) }} {{ 'ab'.center(5,'*') }} {{ 'ab'.ljust(4) }}|",
        "{{ 'abc'.index('z') }}",
        "{{ 'a'.nope() }}",
        "{{ 'aa'.replace('', '-') }} {{ 'x'.isupper() }} {{ 'X1'.isupper() }} {{ '  '.isspace() }}",
        "{{ 'a b  c '.rsplit(none, 1) }} {{ 'a b  c '.split(none, 1) }} {{ 'abab'.rfind('b') }} {{ 'ABc'.swapcase() }} {{ 'ab'.rpartition('x') }}",
    ],
    'dicts': [
        "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %} {{ d.keys()|list }} {{ d.values()|list }} {{ d.get('x','no') }} {{ d.get('x') }} {{ d|length }} {{ d|list }} {{ d|items|list }} {{ d|dictsort }} {{ dict(a=1, b=2) }} {{ dict([('x',1)]) }}",
        "{{ d.update({'x':1}) }}",
        '{{ items.append(1) }}',
        "{{ {'items': 1}['items'] }} {{ {1: 'a'}[1] }} {{ {'a': {'b': 2}}.a.b }}",
    ],
    'filters': [
        "{{ items|sort }} {{ items|sort(reverse=true) }} {{ users|map(attribute='n')|list }} {{ users|map(attribute='age', default=0)|list }} {{ users[:2]|selectattr('age')|map(attribute='n')|join(',') }} {{ users[:2]|selectattr('age','gt',3)|list|length }} {{ none|selectattr('x')|list }} {{ users|rejectattr('age','defined')|map(attribute='n')|first }} {{ items|select('odd')|list }} {{ items|reject('equalto',1)|list }} {{ items|map('string')|list }} {{ items|sum }} {{ items|min }} {{ items|max }} {{ items|last }} ",
        "{{ 'abc'|upper }} {{ 'a b'|title }} {{ '3.7'|float }} {{ '42'|int }} {{ 'x'|int(5) }} {{ 3.999|int }} {{ 2.5|round }} {{ 3.5|round|int }} {{ 3.14159|round(2) }} {{ -3|abs }} {{ [1,[2]]|string }} {{ 'a'|default('b') }} {{ nope|default('b') }} {{ ''|default('b', true) }} {{ none|default('b') }} {{ nope|d }}",
        '{{ \'a\\nb\\n\\nc\'|indent }}|{{ \'a\\nb\'|indent(2, true) }}|{{ \'abc\'|replace(\'b\',\'x\') }}|{{ [3,1]|join(\'-\') }}|{{ \'abc\'|reverse }}|{{ \'abc\'|first }}|{{ [1,1,2]|unique|list }}|{{ \'AaB\'|unique|list }}|{{ [1,2,3]|batch(2)|list }}|{{ \'a<b>&"\'|e }}|{{ \'x y z\'|wordcount }}|{{ \'%s-%s\'|format(\'a\',\'b\') }}',
        "{{ users[:2]|groupby('age')|map('first')|list }} {{ ['b','A']|sort }} {{ ['b','A']|sort(case_sensitive=true) }} {{ users[:2]|sort(attribute='n')|map(attribute='n')|list }}",
        "{{ 'long text here to cut'|truncate(10) }} {{ 'short'|truncate(10) }} {{ 'abc'|center(7) }}|{{ 1|nofilter }}",
    ],
    'tests': [
        "{{ n is odd }} {{ n is divisibleby 7 }} {{ n is divisibleby(3) }} {{ 'a' is string }} {{ d is mapping }} {{ items is sequence }} {{ items is iterable }} {{ n is iterable }} {{ 1.0 is float }} {{ true is integer }} {{ true is number }} {{ true is boolean }} {{ nope is undefined }} {{ n is not none }} {{ n is eq 7 }} {{ 'a' is in 'abc' }} {{ n is sameas 7 }} {{ 'A' is upper }} {{ range is callable }} {{ none is none and true }} {{ n is gt 5 }} {{ false is false }} {{ 1 is true }}",
    ],
    'loops': [
        '{% for i in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}',
        '{% for i in range(10) if i is even %}{% if i == 4 %}{% continue %}{% endif %}{% if i == 8 %}{% break %}{% endif %}{{ i }}{{ loop.index }} {% else %}none{% endfor %}',
        '{% for i in [] %}x{% else %}empty{% endfor %}',
        '{% for a, b in [(1,2),(3,4)] %}{{ a+b }},{% endfor %}',
        '{% set x = 1 %}{% for i in items %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}',
        '{% set ns = namespace(x=1) %}{% for i in items %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}',
        "{% for i in range(3) %}{{ loop.cycle('a','b') }}{% endfor %} {% for i in range(5, 0, -2) %}{{ i }}{% endfor %} {% for i in [1,1,2] %}{{ loop.changed(i) }} {% endfor %}",
        '{% for x in [[1,[2]],3] recursive %}{{ loop.depth }}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}',
        "{% for c in 'añ😀' %}{{ c }}.{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for x in nope %}{% endfor %}",
        '{% for i in 5 %}{% endfor %}',
    ],
    'macros': [
        "{% macro m(a, b='B', c=none) %}{{ a }}{{ b }}{{ c }}|{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }} {{ m(1,2,3,4) }} {{ m(b=5,a=6,z=7) }} {{ m() }}",
        '{% macro rec(n) %}{{ n }}{% if n > 0 %}{{ rec(n-1) }}{% endif %}{% endmacro %}{{ rec(5) }}',
        "{% macro box(t) %}[{{ t }}:{{ caller() }}]{% endmacro %}{% call box('x') %}in{% endcall %}{% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(i) each(items) %}<{{ i }}>{% endcall %}",
        '{% set y = 1 %}{% macro m() %}{{ y }}{% set y = 2 %}{{ y }}{% endmacro %}{{ m() }}{{ y }}{% set y = 3 %}{{ m() }}',
    ],
    'blocks': [
        '{% set x %}a{{ 1 }}b{% endset %}{{ x|upper }} {% set y | upper | trim %} q {% endset %}{{ y }}',
        '{% filter upper %}abc{% endfilter %} {% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}',
        '{% set a, b = 1, [2] %}{{ a }}{{ b }} {% set c = 1, 2 %}{{ c }}',
        '{% if false %}a{% elif 0 %}b{% elif n %}c{% else %}d{% endif %}',
        '{% generation %}gen{% endgeneration %}',
        "{{ namespace(a=1).a }} {% set j = joiner('; ') %}{{ j() }}a{{ j() }}b {% set c = cycler(1,2) %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}",
        "{% set t = (n > 5) and 'yes' %}{{ t }}",
        '{% set d.x = 1 %}',
    ],
    'json': [
        '{{ d|tojson }} {{ d|tojson(indent=2) }} {{ []|tojson }} {{ {}|tojson(indent=2) }} {{ [1,[2,{}]]|tojson(indent=4) }} {{ name|tojson }} {{ name|tojson(ensure_ascii=true) }} {{ 1e16|tojson }} {{ big|tojson }} {{ \'</script>\\x7f\\x01"\'|tojson }} {{ d|tojson(sort_keys=true, separators=(\',\',\':\')) }} {{ (1,2)|tojson }} {{ {1:2, none:3}|tojson }}',
        '{{ nope|tojson }}',
    ],
    'functions': [
        "{{ strftime_now('%d %b %Y %H:%M:%S %j %A %B %-d %y %p %I %% %f') }}",
        "{{ raise_exception('no: ' ~ n) }}",
        '{{ range(1000000) }}',
        '{{ range(3)|list }}',
        '{{ n() }}',
        '{{ nope() }}',
        '{{ nope.x }}',
        '{{ none.x }}|',
        '{{ d.a.b.c }}',
    ],
    'syntax errors': [
        '{% if %}{% endif %}',
        '{{ 1 + }}',
        '{% for x in y %}',
        "{{ 'abc }}",
        '{% unknown %}',
        '{% endif %}',
        '{{ a b }}',
        '{% break %}',
        '{# x',
        '{{ (1 }}',
        '{% if x %}{% endfor %}',
        '{{ 1 is nosuchtest }}',
        "{% include 'x' %}",
    ],
}

cases = [dict(group=g, template=t, **render(t, VARIABLES)) for g, ts in TEMPLATES.items() for t in ts]
print(json.dumps(dict(variables=VARIABLES, cases=cases), ensure_ascii=True, indent=1))
