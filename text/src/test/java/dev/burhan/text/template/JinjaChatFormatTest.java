package dev.burhan.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TemplateException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JinjaChatFormatTest {
  private static final Map<String, Object> OF_TOOL = Map.of("type", "function");

  private static JinjaChatFormat format(String template) {
    return new JinjaChatFormat(
        "test", template, null, Map.of("bos_token", "<s>"), Clock.systemUTC());
  }

  private static String render(String template, Map<String, Object> options) {
    return format(template).render(new ChatPrompt(List.of(), null, options));
  }

  @Test
  void aTemplateOfItsOwnIsTakenWhenToolsAreGiven() {
    var format =
        new JinjaChatFormat(
            "test", "plain", "with {{ tools|length }}", Map.of(), Clock.systemUTC());
    assertEquals("plain", format.render(new ChatPrompt(List.of(), null, Map.of())));
    assertEquals("with 1", format.render(new ChatPrompt(List.of(), List.of(OF_TOOL), Map.of())));
    assertEquals(
        "with 1",
        format.render(new ChatPrompt(List.of(), null, Map.of("tools", List.of(OF_TOOL)))));
  }

  @Test
  void absentToolsAreNoneAndAnEmptyListIsNot() {
    String template = "{{ tools is none }}";
    assertEquals("True", format(template).render(new ChatPrompt(List.of(), null, Map.of())));
    assertEquals("False", format(template).render(new ChatPrompt(List.of(), List.of(), Map.of())));
  }

  @Test
  void optionsComeBeforeTheCheckpointsSpecialTokens() {
    assertEquals("<s>", render("{{ bos_token }}", Map.of()));
    assertEquals("x", render("{{ bos_token }}", Map.of("bos_token", "x")));
  }

  @Test
  void oneRenderingLeavesNothingBehindForTheNext() {
    var format = format("{% if x is not defined %}{% set x = 1 %}first{% else %}second{% endif %}");
    var prompt = new ChatPrompt(List.of(), null, Map.of());
    assertEquals("first", format.render(prompt));
    assertEquals("first", format.render(prompt));
  }

  @Test
  void raisedMessagesArriveAsTheyAre() {
    var error =
        assertThrows(
            TemplateException.class,
            () -> render("{{ raise_exception('no system role') }}", Map.of()));
    assertEquals("no system role", error.getMessage());
  }

  @Test
  void syntaxErrorsNameTheLine() {
    var error = assertThrows(TemplateException.class, () -> render("a\nb\n{{ 1 + }}", Map.of()));
    assertTrue(error.getMessage().contains("line 3"), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% set x = a * b %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }}",
        "{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}"
            + "{% endfor %}{{ ns.a == ns.b }}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ {ns.s: 1} }}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = (ns.s, ns.s) %}{% endfor %}{{ [ns.s]|unique }}",
        "{{ 'x' * 99999999999 }}",
        "{{ [1] * 9999999999 }}",
        "{{ 9 ** (9 ** 9) }}",
        "{% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
        "{{ '%999999999d' % 1 }}",
        "{{ 'x'.center(2000000000) }}",
        "{{ 'x'.ljust(2000000000) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set ns = namespace() %}{% set ns.l = [ns] %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
        "{{ ('a' * 9999999).replace('a', 'b' * 9999999) }}",
        "{{ ('a' * 9999999).replace('', 'b' * 9999999, 999999) }}",
        "{{ range(9999999999999) }}",
        "{{ 3 ** 2147483647 }}",
        "{{ (-2) ** 2147483647 }}",
        "{{ '%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s' % {'a': 'x' * 9999999} }}",
        "{{ ('{a}' * 99999).format(a='x' * 999999) }}",
        "{{ messages2 | default([1] * 99999) | tojson(separators=['x' * 999999, ':']) }}",
        "{{ strftime_now('%c' * 9999999) }}",
        "{% set a = 'x' * 9999999 %}{% set b = 'x' * 9999999 %}{% for i in range(99999) %}{% if a == b %}{% endif %}{% endfor %}",
        "{% set a = 'x' * 9999999 %}{% for i in range(99999) %}{% if a[9999998] %}{% endif %}{% endfor %}",
        "{% set a = ['X' * 9999999] * 99999 %}{{ a | unique | length }}",
        "{% set a = range(99999) | list %}{% for i in range(99999) %}{% set b = dict(*[a]) %}{% endfor %}",
        "{{ ('a' * 9999999).strip('b' * 9999999 ~ 'a') }}"
      })
  void aTemplateThatAsksForTooMuchEndsInAnError(String template) {
    assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> assertThrows(TemplateException.class, () -> render(template, Map.of())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "[",
        "{% if x %}",
        "{{ -",
        "not ",
        "{% for a in b %}",
        "a if b else ",
        "{1:",
        "-"
      })
  void aTemplateNestedTooDeeplyEndsInAnError(String piece) {
    String template = (piece.startsWith("{%") ? "" : "{{ ") + piece.repeat(100_000);
    assertThrows(TemplateException.class, () -> render(template, Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 + ", "x.", "x | trim | ", "1 and ", "'a' ~ ", "1 < "})
  void aLongFlatExpressionRendersOrEndsInAnError(String piece) {
    String template =
        "{{ "
            + piece.repeat(100_000)
            + (piece.endsWith(".") ? "y" : piece.contains("trim") ? "trim" : "1")
            + " }}";
    try {
      render(template, Map.of("x", "v"));
    } catch (TemplateException e) {
      assertTrue(e.getMessage().length() < 500, e.getMessage());
    }
  }

  /** Texts made so that the plain way to search or cut them takes the square of their length. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ ('a' * 999999 ~ 'b') in 'a' * 9999999 }}",
        "{{ ('a' * 9999999).find('a' * 999999 ~ 'b') }}",
        "{{ ('a' * 9999999).count('a' * 999999 ~ 'b') }}",
        "{{ ('a' * 9999999).split('a' * 999999 ~ 'b') | length }}",
        "{{ ('a' * 9999999).replace('a' * 999999 ~ 'b', '') | length }}",
        "{{ ('a' * 9999999).partition('a' * 999999 ~ 'b') | length }}",
        "{{ ('a b ' * 2000000).split() | length }}",
        "{{ ('a b ' * 2000000).rsplit(none, 9999999) | length }}",
        "{{ ('a b ' * 2000000).rsplit(' ', 9999999) | length }}"
      })
  void longTextsAreSearchedInTimeThatGrowsWithTheirLength(String template) {
    assertTimeoutPreemptively(
        Duration.ofMinutes(1), () -> assertFalse(render(template, Map.of()).isEmpty()));
  }

  @Test
  void aLongPartIsFoundWhereItIs() {
    String text = "{% set a = 'ab' * 5000 %}{% set t = 'ab' * 9000 ~ 'x' ~ a ~ 'y' ~ a %}";
    assertEquals("18000", render(text + "{{ t.find('x' ~ a) }}", Map.of()));
    assertEquals("18001", render(text + "{{ t.find(a ~ 'y') }}", Map.of()));
    assertEquals("28001", render(text + "{{ t.rfind('y' ~ a) }}", Map.of()));
    assertEquals("3", render(text + "{{ t.count(a ~ '') }}", Map.of()));
    assertEquals("True", render(text + "{{ (a ~ 'y') in t }}", Map.of()));
    assertEquals(
        "['', 'y', '']",
        render("{{ ('x' * 4000 ~ 'y' ~ 'x' * 4000).split('x' * 4000) }}", Map.of()));
  }

  @Test
  void wordsAreSplitFromBothEndsAsInPython() {
    assertEquals("['a', 'b', 'c']", render("{{ ' a  b c '.split() }}", Map.of()));
    assertEquals("['a', 'b c ']", render("{{ ' a  b c '.split(none, 1) }}", Map.of()));
    assertEquals("[' a  b', 'c']", render("{{ ' a  b c '.rsplit(none, 1) }}", Map.of()));
    assertEquals("['a', 'b', 'c']", render("{{ ' a  b c '.rsplit(none, 9) }}", Map.of()));
    assertEquals("['a,b', 'c']", render("{{ 'a,b,c'.rsplit(',', 1) }}", Map.of()));
    assertEquals("['a', '', 'c']", render("{{ 'a,,c'.rsplit(',', 9) }}", Map.of()));
    assertEquals("[]", render("{{ ' '.rsplit(none, 2) }}", Map.of()));
  }

  @Test
  void truncateTakesExtremeLengths() {
    assertEquals(
        "ab", render("{{ 'ab' | truncate(2147483647, false, '', 2147483647) }}", Map.of()));
    assertEquals("ab...", render("{{ 'ab' | truncate(90, true, '...', -99) }}", Map.of()));
    assertEquals("...", render("{{ 'abcdef' | truncate(0, true, '...', 0) }}", Map.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ '%+ d' % 1 }}",
        "{{ '%--5s' % 'x' }}",
        "{{ '%5.3.2f' % 1 }}",
        "{{ '%.s' % 1 }}",
        "{{ messages | tojson(separators=['x']) }}",
        "{{ messages | tojson(separators=[1, 2]) }}",
        "{{ 'a\nb' % 1 }}",
        "{{ 1[range(99999)].x }}",
        "{{ raise_exception('a\n' * 9999) }}",
        "{{ 'a\\",
        "{{ x['a\nb'].y }}"
      })
  void errorsAreOneShortLine(String template) {
    var error = assertThrows(TemplateException.class, () -> render(template, Map.of()));
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
    assertTrue(error.getMessage().length() < 1_200, error.getMessage());
  }

  @Test
  void deeplyNestedMessagesEndInAnErrorAndNotInAStackOverflow() {
    Object nested = "end";
    for (int i = 0; i < 100_000; i++) {
      nested = i % 2 == 0 ? new ArrayList<>(List.of(nested)) : new HashMap<>(Map.of("k", nested));
    }
    var options = Map.of("x", nested);
    assertThrows(TemplateException.class, () -> render("{{ x|tojson }}", options));
    assertThrows(TemplateException.class, () -> render("{{ x }}", options));
  }

  @Test
  void aLongConversationRendersWithinTheLimits() {
    String template =
        "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content.split('</think>')[-1] | trim }}{% endfor %}";
    var messages = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < 1_000; i++) {
      messages.add(Map.of("role", "user", "content", "word ".repeat(1_000)));
    }
    String text = format(template).render(new ChatPrompt(messages, null, Map.of()));
    assertEquals(1_000 * (8 + 4_999), text.length());
  }
}
