package dev.burhan.text.template;

import java.util.List;

/**
 * A macro as it is written.
 *
 * @param name its name
 * @param parameters names of its parameters
 * @param defaults by parameter; null where there is none
 * @param body what it prints
 */
record MacroDefinition(
    String name, List<String> parameters, List<Expression> defaults, Statement body) {}
