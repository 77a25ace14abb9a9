package dev.burhan.kernel.config;

import dev.burhan.provider.Configurable;
import dev.burhan.provider.Settings;
import dev.burhan.provider.Settings.Setting;
import dev.burhan.provider.UsageException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.util.converter.ConversionException;
import org.osgi.util.converter.Converter;
import org.osgi.util.converter.Converters;

/**
 * A component's keys, read from its annotation interface: the same that Declarative Services and
 * Metatype read.
 */
public final class Definition {
  private final Configurable component;

  private Definition(Configurable component) {
    this.component = component;
  }

  public static Definition of(Configurable component) {
    return new Definition(component);
  }

  /**
   * A key as it stands.
   *
   * @param value as text: what was given, or the default
   * @param origin where it was given, or {@code default}
   */
  public record Value(String key, String value, String origin, String description) {}

  private List<Method> methods() {
    return Arrays.stream(component.configuration().getDeclaredMethods())
        .filter(method -> !method.isSynthetic())
        .sorted(Comparator.comparing(Method::getName))
        .toList();
  }

  /** Declarative Services 1.5, section 112.8.2.1, as far as it is used here. */
  private static String key(Method method) {
    return method.getName().replace('_', '.');
  }

  public List<String> keys() {
    return methods().stream().map(Definition::key).toList();
  }

  private Optional<Setting> find(Settings settings, String key) {
    return settings.find(
        component.pid(), key, component.environment().getOrDefault(key, List.of()));
  }

  /** Whether anything was given: if not, every value is its default. */
  public boolean isGiven(Settings settings) {
    return keys().stream().anyMatch(key -> find(settings, key).isPresent());
  }

  /**
   * The configuration as an instance of the annotation interface.
   *
   * @throws UsageException if a value is not of its key's type; says where it was given
   */
  public <C> C read(Settings settings, Class<C> type) {
    Converter converter = Converters.standardConverter();
    Map<String, Object> values = new LinkedHashMap<>();
    for (Method method : methods()) {
      find(settings, key(method))
          .ifPresent(setting -> values.put(setting.key(), converted(converter, setting, method)));
    }
    return converter.convert(values).to(type);
  }

  private static Object converted(Converter converter, Setting setting, Method method) {
    try {
      return converter.convert(setting.value()).to(method.getGenericReturnType());
    } catch (ConversionException e) {
      throw new UsageException(
          "'%s' should be of type %s, found '%s' (%s)"
              .formatted(
                  setting.key(),
                  method.getReturnType().getSimpleName(),
                  setting.value(),
                  setting.origin()),
          e);
    }
  }

  /**
   * Looks whether every given value is of its key's type.
   *
   * @throws UsageException if one is not
   */
  public void check(Settings settings) {
    Converter converter = Converters.standardConverter();
    for (Method method : methods()) {
      find(settings, key(method)).ifPresent(setting -> converted(converter, setting, method));
    }
  }

  /** Every key with its value and where it comes from. */
  public List<Value> values(Settings settings) {
    Map<String, String> descriptions = Descriptions.of(component.configuration());
    return methods().stream()
        .map(
            method -> {
              String key = key(method);
              Setting setting =
                  find(settings, key)
                      .orElseGet(
                          () -> new Setting(key, method.getDefaultValue().toString(), "default"));
              return new Value(
                  key, setting.value(), setting.origin(), descriptions.getOrDefault(key, ""));
            })
        .toList();
  }

  /** Keys in the component's file that it does not know: mostly misspelt. */
  public List<String> unknown(Settings settings) {
    return settings.storedKeys(component.pid()).stream()
        .filter(key -> !keys().contains(key))
        .sorted()
        .toList();
  }

  /** The identity under which its file or ConfigAdmin keeps it. */
  public String pid() {
    return component.pid();
  }
}
