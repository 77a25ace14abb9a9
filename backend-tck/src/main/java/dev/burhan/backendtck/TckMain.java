package dev.burhan.backendtck;

import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Checks a backend that is on the class path: {@code TckMain NAME [FOLDER] [CATEGORY...] [OP...]}.
 * Prints the report, writes it to the folder ({@code target/tck} if none is given), and exits with
 * 0 if the backend conforms, 1 if it does not, 2 if the arguments are wrong.
 */
public final class TckMain {
  private TckMain() {}

  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments)));
  }

  /** Returns the exit code. */
  static int run(List<String> arguments) {
    List<String> rest = new ArrayList<>(arguments);
    EnumSet<Category> categories = EnumSet.noneOf(Category.class);
    for (Category category : Category.values()) {
      if (rest.removeIf(argument -> argument.equals(category.name().toLowerCase(Locale.ROOT)))) {
        categories.add(category);
      }
    }
    Set<String> ops = new TreeSet<>();
    for (OpCase each : OpChecks.cases(TckOptions.standard())) {
      if (rest.removeIf(argument -> argument.equals(each.op()))) {
        ops.add(each.op());
      }
    }
    Host host = new FlatHost();
    List<Provider> backends =
        host.providers(Provider.class).stream()
            .filter(
                provider ->
                    provider instanceof BackendProvider || provider instanceof HostKernelsProvider)
            .toList();
    if (rest.isEmpty() || rest.size() > 2) {
      System.err.println("usage: TckMain NAME [FOLDER] [CATEGORY...] [OP...]");
      System.err.println("backends: " + backends.stream().map(Provider::name).toList());
      System.err.println(
          "categories: " + EnumSet.allOf(Category.class).toString().toLowerCase(Locale.ROOT));
      return 2;
    }
    Provider provider =
        backends.stream()
            .filter(backend -> backend.name().equals(rest.getFirst()))
            .findFirst()
            .orElse(null);
    if (provider == null) {
      System.err.println(
          "there is no backend '"
              + rest.getFirst()
              + "' on the class path; there is "
              + backends.stream().map(Provider::name).toList());
      return 2;
    }
    TckOptions options = TckOptions.standard().withSpeed(true).withOps(ops);
    if (!categories.isEmpty()) {
      options = options.withCategories(categories);
    }
    try {
      TckReport report = Tck.of(provider, options).run();
      System.out.print(report.text());
      report.write(Path.of(rest.size() > 1 ? rest.get(1) : "target/tck"), provider.name());
      return report.passed() ? 0 : 1;
    } catch (BurhanException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
