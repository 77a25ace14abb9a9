package dev.burhan.provider;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something that a bundle offers: a backend, a library of host kernels, a checkpoint format, a
 * model architecture, a text format, a catalogue, a content policy, a command. A provider has a
 * public no-argument constructor, is cheap to construct and holds no resources; what it opens holds
 * them.
 *
 * <p>Every provider is registered twice from the same jar: as a Declarative Services component with
 * {@code service = Provider.class} for OSGi, and in {@code
 * META-INF/services/dev.burhan.provider.Provider} for a flat class path. Order and capability come
 * from these methods and not from service properties, so that both ways order alike.
 */
@ConsumerType
public interface Provider {

  /**
   * Short name, unique among providers of one kind: lower case letters, digits, dots and hyphens.
   */
  String name();

  /** Order among usable providers of one kind, highest first; equal ranks are ordered by name. */
  default int rank() {
    return 0;
  }

  /**
   * Whether this provider can work in this process on this machine, and if not why. Called often:
   * an expensive finding is made once, by the constructor.
   */
  default Probe probe() {
    return Probe.ready();
  }
}
