package dev.burhan.policy;

import java.util.Map;

/**
 * A request as a policy sees it.
 *
 * @param model the model's name
 * @param prompt the whole prompt as text, templates rendered
 * @param attributes what the caller knows: tenant, user, locale
 */
public record PolicyRequest(String model, String prompt, Map<String, String> attributes) {
  public PolicyRequest {
    attributes = Map.copyOf(attributes);
  }
}
