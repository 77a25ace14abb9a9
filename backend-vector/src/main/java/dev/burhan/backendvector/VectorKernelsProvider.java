package dev.burhan.backendvector;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.backendvector.machinecode.MachineCode;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.Map;
import java.util.Optional;
import jdk.incubator.vector.VectorShape;
import org.osgi.service.component.annotations.Component;

/** The host kernels {@code vector}: fast on every CPU that the JVM knows vectors of. */
@Component(service = Provider.class)
public final class VectorKernelsProvider implements HostKernelsProvider {

  private static final int RANK = 100;

  /**
   * Option: most bits of a vector (128, 256 or 512); the CPU's own width if not given. For
   * comparisons.
   */
  static final String WIDTH = "vector-bits";

  /**
   * Option: which form of latent attention ({@code auto}, {@code absorbed}, {@code expanded}); auto
   * is expanded for prompt tokens and absorbed for generated ones.
   */
  static final String MLA = "mla";

  /**
   * Option: {@code auto} uses machine code where the processor and the system allow it, {@code off}
   * uses none. Results are the same to the bit.
   */
  static final String MACHINE_CODE = "machine-code";

  /** The system property that says the same for all models. */
  private static final String PROPERTY = "burhan.machine-code";

  private static final String MODULE = "jdk.incubator.vector";

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int rank() {
    return RANK;
  }

  @Override
  public Probe probe() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Probe.unusable(
          "the module " + MODULE + " is not there: start Java with --add-modules " + MODULE);
    }
    boolean machineCode;
    try {
      machineCode = machineCode() && MachineCode.find(preferredBits()).isPresent();
    } catch (UsageException e) {
      return Probe.unusable(e.getMessage());
    }
    return Probe.ready(preferredBits() + "-bit vectors" + (machineCode ? " and machine code" : ""));
  }

  @Override
  public HostKernels open(Map<String, String> options) {
    boolean eightBits = true;
    int bits = preferredBits();
    LatentForm form = LatentForm.AUTO;
    boolean machineCode = machineCode();
    for (Map.Entry<String, String> option : options.entrySet()) {
      switch (option.getKey()) {
        case ACTIVATIONS -> eightBits = activations(option.getValue());
        case WIDTH -> bits = width(option.getValue());
        case MLA -> form = form(option.getValue());
        case MACHINE_CODE -> machineCode = machineCode(MACHINE_CODE, option.getValue());
        default ->
            throw new UsageException(
                "vector kernels have no option "
                    + option.getKey()
                    + "; there are "
                    + ACTIVATIONS
                    + ", "
                    + MACHINE_CODE
                    + ", "
                    + MLA
                    + " and "
                    + WIDTH);
      }
    }
    Optional<MachineCode> code = machineCode ? MachineCode.find(bits) : Optional.empty();
    Lanes lanes = code.isPresent() ? Lanes.of(code.get()) : Lanes.of(bits);
    return new VectorKernels(lanes, eightBits, true, form);
  }

  /** Loads none of our own classes: see {@link Lanes} on why there should be one width. */
  private static int preferredBits() {
    return VectorShape.preferredShape().vectorBitSize();
  }

  private static boolean activations(String value) {
    return switch (value) {
      case "q8" -> true;
      case "f32" -> false;
      default -> throw new UsageException(ACTIVATIONS + " must be q8 or f32, found " + value);
    };
  }

  private static LatentForm form(String value) {
    return switch (value) {
      case "auto" -> LatentForm.AUTO;
      case "absorbed" -> LatentForm.ABSORBED;
      case "expanded" -> LatentForm.EXPANDED;
      default ->
          throw new UsageException(MLA + " must be auto, absorbed or expanded, found " + value);
    };
  }

  private static boolean machineCode() {
    return machineCode("the property " + PROPERTY, System.getProperty(PROPERTY, "auto"));
  }

  private static boolean machineCode(String name, String value) {
    return switch (value) {
      case "auto" -> true;
      case "off" -> false;
      default -> throw new UsageException(name + " must be auto or off, found " + value);
    };
  }

  private static int width(String value) {
    return switch (value) {
      case "128", "256", "512" -> Integer.parseInt(value);
      default -> throw new UsageException(WIDTH + " must be 128, 256 or 512, found " + value);
    };
  }
}
