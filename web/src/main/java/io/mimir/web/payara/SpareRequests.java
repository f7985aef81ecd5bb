package io.mimir.web.payara;

import static java.lang.System.Logger.Level.INFO;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Brings the server's objects for a request back to where they are looked for. The server keeps
 * those of an answered request, a hundred with all their headers, for the next request of the same
 * thread. A call of the gateway is read by one of the server's threads and answered by ours: theirs
 * never find any and make new ones, ours keep what nobody asks for. A fifth of all memory that a
 * call takes was that.
 *
 * <p>The objects are reached by reflection; where the server's classes are not what is expected,
 * this is logged once, and nothing is brought back.
 */
public final class SpareRequests {

  private static final System.Logger LOG = System.getLogger(SpareRequests.class.getName());

  private static final String CACHE = "org.glassfish.grizzly.ThreadCache";
  private static final String INDEX = "CACHE_IDX";
  private static final List<String> KINDS =
      List.of(
          "org.glassfish.grizzly.http.HttpServerFilter$ServerHttpRequestImpl",
          "org.glassfish.grizzly.http.server.Request");

  /** Of each kind, on their way back: as many as are answered before another one is read. */
  private static final int MOST = 256;

  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private static volatile List<Kind> kinds = List.of();

  private SpareRequests() {}

  /**
   * @param take gives an object out of the cache of the calling thread, or null
   * @param put takes one into it, and tells whether there was room
   */
  private record Kind(MethodHandle take, MethodHandle put, BlockingQueue<Object> spare) {}

  /**
   * Looks for the caches of a server.
   *
   * @param server has its classes
   */
  static void find(ClassLoader server) {
    try {
      Class<?> cache = Class.forName(CACHE, true, server);
      Class<?> index = Class.forName(CACHE + "$CachedTypeIndex", true, server);
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      MethodHandle take =
          lookup.findStatic(cache, "takeFromCache", MethodType.methodType(Object.class, index));
      MethodHandle put =
          lookup.findStatic(
              cache, "putToCache", MethodType.methodType(boolean.class, index, Object.class));
      kinds = KINDS.stream().map(name -> kind(name, server, take, put)).toList();
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
    }
  }

  private static Kind kind(String name, ClassLoader server, MethodHandle take, MethodHandle put) {
    try {
      Field field = Class.forName(name, true, server).getDeclaredField(INDEX);
      field.setAccessible(true);
      Object index = field.get(null);
      return new Kind(
          take.bindTo(index).asType(MethodType.methodType(Object.class)),
          put.bindTo(index).asType(MethodType.methodType(boolean.class, Object.class)),
          new ArrayBlockingQueue<>(MOST));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The server has no " + name, e);
    }
  }

  /** To be called by a thread of ours that has just completed a request. */
  public static void collect() {
    try {
      for (Kind kind : kinds) {
        Object spare = kind.take().invokeExact();
        if (spare != null) {
          kind.spare().offer(spare);
        }
      }
    } catch (Throwable e) {
      giveUp(e);
    }
  }

  /** To be called by a thread of the server that is about to read a request. */
  static void provide() {
    try {
      for (Kind kind : kinds) {
        Object spare = kind.spare().poll();
        if (spare != null && !(boolean) kind.put().invokeExact(spare)) {
          kind.spare().offer(spare);
        }
      }
    } catch (Throwable e) {
      giveUp(e);
    }
  }

  /** What a method handle throws is an Error, or what the server's caches have never thrown. */
  private static void giveUp(Throwable e) {
    kinds = List.of();
    if (e instanceof Error error) {
      throw error;
    }
    warn(e);
  }

  private static void warn(Throwable e) {
    if (WARNED.compareAndSet(false, true)) {
      LOG.log(INFO, "The objects of answered requests do not get back to where they are read", e);
    }
  }
}
