package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.List;

/** A statement of a template. */
sealed interface Statement {

  /** Whether the statement ran to its end, or left the loop around it. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow execute(Scope scope);

  /** Text as it stands. */
  record Text(String text) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      scope.run().print(text);
      return Flow.NEXT;
    }
  }

  /** {@code {{ value }}}. */
  record Print(Expression value) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      scope.run().budget().step();
      scope.run().print(Printing.string(value.evaluate(scope), scope.run().budget()));
      return Flow.NEXT;
    }
  }

  /** Statements one after the other. */
  record Body(List<Statement> statements) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      for (Statement statement : statements) {
        Flow flow = statement.execute(scope);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    }
  }

  /** {@code if}; an {@code elif} is an {@code if} in the other branch. */
  record If(Expression test, Statement then, Statement otherwise) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      scope.run().budget().step();
      return (Values.truth(test.evaluate(scope)) ? then : otherwise).execute(scope);
    }
  }

  /** {@code break} and {@code continue}. */
  record Leave(Flow flow) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      return flow;
    }
  }

  /** {@code for ... in ... if ... recursive}. */
  record For(
      Target target,
      Expression items,
      Expression filter,
      Statement body,
      Statement otherwise,
      boolean recursive)
      implements Statement {
    @Override
    public Flow execute(Scope scope) {
      return loop(items.evaluate(scope), scope, 0);
    }

    private Flow loop(Object over, Scope scope, int depth) {
      Run run = scope.run();
      List<Object> all = Values.iterate(over, run.budget());
      List<Object> chosen = filter == null ? all : chosen(all, scope);
      Callable again =
          !recursive
              ? null
              : (r, arguments) -> {
                r.budget().enter("loop");
                Object inner = arguments.bind("loop", "iterable").get(0);
                String printed = r.capture(new Again(this, inner, depth + 1), scope);
                r.budget().leave();
                return printed;
              };
      var loop = new Loop(chosen, depth, again);
      for (int i = 0; i < chosen.size(); i++) {
        run.budget().step();
        loop.at(i);
        Scope inner = scope.inner();
        inner.set("loop", loop);
        target.assign(chosen.get(i), inner);
        if (body.execute(inner) == Flow.BREAK) {
          break;
        }
      }
      return chosen.isEmpty() ? otherwise.execute(scope.inner()) : Flow.NEXT;
    }

    private List<Object> chosen(List<Object> all, Scope scope) {
      var chosen = new ArrayList<Object>();
      for (Object item : all) {
        scope.run().budget().step();
        Scope inner = scope.inner();
        target.assign(item, inner);
        if (Values.truth(filter.evaluate(inner))) {
          chosen.add(item);
        }
      }
      return chosen;
    }
  }

  /** The inner round of a recursive loop. */
  record Again(For loop, Object items, int depth) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      return loop.loop(items, scope, depth);
    }
  }

  /** {@code set target = value}. */
  record Set(Target target, Expression value) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      scope.run().budget().step();
      target.assign(value.evaluate(scope), scope);
      return Flow.NEXT;
    }
  }

  /** What a body prints, as a value: of {@code set} and {@code filter} blocks. */
  record Captured(Statement body) {
    String text(Scope scope) {
      return scope.run().capture(body, scope.inner());
    }
  }

  /**
   * {@code set target}...{@code endset} where a target is given, {@code filter}...{@code endfilter}
   * where none is.
   */
  record Capture(Target target, Captured captured, List<Expression.Filter> filters)
      implements Statement {
    @Override
    public Flow execute(Scope scope) {
      Object value = captured.text(scope);
      for (Expression.Filter filter : filters) {
        value =
            Filters.apply(
                filter.name(), filter.arguments().evaluateAfter(value, scope), scope.run());
      }
      if (target == null) {
        scope.run().print(Printing.string(value, scope.run().budget()));
      } else {
        target.assign(value, scope);
      }
      return Flow.NEXT;
    }
  }

  /** {@code macro name(...)}. */
  record Define(MacroDefinition macro) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      scope.set(macro.name(), new Macro(macro, scope));
      return Flow.NEXT;
    }
  }

  /** {@code call(...) macro(...)}: the body is handed to the macro as {@code caller}. */
  record CallBlock(MacroDefinition caller, Expression.Call call) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      Expression handed = new Expression.Constant(new Macro(caller, scope));
      var named = new java.util.LinkedHashMap<>(call.arguments().named());
      named.put("caller", handed);
      var given = call.arguments();
      var all = new Expression.Given(given.positional(), named, given.list(), given.map());
      return new Print(new Expression.Call(call.function(), all)).execute(scope);
    }
  }

  /** A body with variables of its own: {@code with}, {@code generation}, {@code block}. */
  record Scoped(List<Set> first, Statement body) implements Statement {
    @Override
    public Flow execute(Scope scope) {
      Scope inner = scope.inner();
      for (Set set : first) {
        set.target().assign(set.value().evaluate(scope), inner);
      }
      return body.execute(inner);
    }
  }
}
