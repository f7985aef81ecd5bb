package io.mimir.start.service;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The signals that ask a process to end. Java has no standard word for them: the JDK's own, of the
 * module {@code jdk.unsupported}, is reached by reflection, because the compiler warns of it and
 * cannot be told not to.
 */
final class StopSignals {

  /** Asks for an end with time to tell others. */
  static final String TERM = "TERM";

  /** Ctrl-C: somebody sits there and waits. */
  static final String INT = "INT";

  private final Map<Object, Object> before = new HashMap<>();
  private final Method handle;

  private StopSignals(Method handle) {
    this.handle = handle;
  }

  /**
   * Takes the signals from Java, which would end at once.
   *
   * @param asked gets the name of each signal, on a thread that must not be held up
   * @throws ReflectiveOperationException when this Java has no such thing
   * @throws IllegalArgumentException when this Java was told to leave signals alone
   */
  static StopSignals take(Consumer<String> asked) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    StopSignals taken = new StopSignals(signal.getMethod("handle", signal, handler));
    for (String name : new String[] {TERM, INT}) {
      InvocationHandler tell = (self, method, arguments) -> told(self, method, arguments, asked);
      Object ours =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(), new Class<?>[] {handler}, tell);
      Object kind = signal.getConstructor(String.class).newInstance(name);
      taken.before.put(kind, taken.handle.invoke(null, kind, ours));
    }
    return taken;
  }

  private static Object told(
      Object self, Method method, Object[] arguments, Consumer<String> asked) {
    return switch (method.getName()) {
      case "equals" -> self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      case "toString" -> "StopSignals";
      default -> {
        asked.accept(arguments[0].toString().substring("SIG".length()));
        yield null;
      }
    };
  }

  /** Leaves them to whoever had them before. */
  void giveBack() throws ReflectiveOperationException {
    for (Map.Entry<Object, Object> each : before.entrySet()) {
      handle.invoke(null, each.getKey(), each.getValue());
    }
  }
}
