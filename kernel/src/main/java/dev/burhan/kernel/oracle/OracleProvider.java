package dev.burhan.kernel.oracle;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Component;

/**
 * Offers the oracle. Options: {@code mla} ({@code auto}, {@code absorbed}, {@code expanded}: which
 * form of latent attention it computes; auto is expanded for prompt tokens and absorbed for
 * generated ones); {@code activations}, of which it has only {@code f32}.
 */
@Component(service = Provider.class)
public final class OracleProvider implements HostKernelsProvider {
  /** Option: which form of multi-head latent attention. */
  static final String MLA = "mla";

  @Override
  public String name() {
    return "oracle";
  }

  @Override
  public int rank() {
    return -1000;
  }

  @Override
  public boolean selectable() {
    return false;
  }

  @Override
  public HostKernels open(Map<String, String> options) {
    LatentForm form = LatentForm.AUTO;
    for (Map.Entry<String, String> option : options.entrySet()) {
      switch (option.getKey()) {
        case MLA -> form = form(option.getValue());
        case ACTIVATIONS -> {
          if (!option.getValue().equals("f32")) {
            throw new UsageException(
                "the oracle keeps activations in f32, asked for '" + option.getValue() + "'");
          }
        }
        default ->
            throw new UsageException(
                "the oracle has no option '"
                    + option.getKey()
                    + "'; it has "
                    + MLA
                    + " and "
                    + ACTIVATIONS);
      }
    }
    return new OracleKernels(form);
  }

  private static LatentForm form(String text) {
    return Arrays.stream(LatentForm.values())
        .filter(form -> form.option().equals(text))
        .findAny()
        .orElseThrow(
            () ->
                new UsageException(
                    "option mla is one of "
                        + Arrays.stream(LatentForm.values())
                            .map(LatentForm::option)
                            .collect(Collectors.joining(", "))
                        + "; found '"
                        + text
                        + "'"));
  }

  /** Which of the two equal forms of latent attention is computed. */
  enum LatentForm {
    AUTO,
    ABSORBED,
    EXPANDED;

    String option() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
