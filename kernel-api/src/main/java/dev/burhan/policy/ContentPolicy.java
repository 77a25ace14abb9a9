package dev.burhan.policy;

import dev.burhan.provider.Provider;
import org.osgi.annotation.versioning.ConsumerType;

/** Decides what may pass. Every policy that is present sees every request, in order of rank. */
@ConsumerType
public interface ContentPolicy extends Provider {

  /** Begins to look at one request; called on the requester's thread. */
  PolicySession begin(PolicyRequest request);
}
