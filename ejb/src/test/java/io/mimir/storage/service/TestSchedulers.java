package io.mimir.storage.service;

import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;

/** Schedulers of the server that tests have in their hands. */
public final class TestSchedulers {

  private TestSchedulers() {}

  /** Keeps what is to be run until a test runs it. */
  public static final class Kept {

    private final List<Runnable> tasks = new ArrayList<>();
    private final List<Object> cancelled = new ArrayList<>();

    /** Takes tasks that are run once or again and again, at once or later. */
    public ManagedScheduledExecutorService managed() {
      return (ManagedScheduledExecutorService)
          Proxy.newProxyInstance(
              ManagedScheduledExecutorService.class.getClassLoader(),
              new Class<?>[] {ManagedScheduledExecutorService.class},
              (proxy, method, arguments) -> {
                if (!method.getName().matches("execute|schedule|scheduleWithFixedDelay")) {
                  throw new UnsupportedOperationException(method.getName());
                }
                if (!method.getName().equals("scheduleWithFixedDelay")) {
                  tasks.add((Runnable) arguments[0]);
                }
                return method.getName().equals("execute") ? null : future(arguments[0]);
              });
    }

    private ScheduledFuture<?> future(Object task) {
      return (ScheduledFuture<?>)
          Proxy.newProxyInstance(
              ScheduledFuture.class.getClassLoader(),
              new Class<?>[] {ScheduledFuture.class},
              (proxy, method, arguments) -> {
                if (!method.getName().equals("cancel")) {
                  throw new UnsupportedOperationException(method.getName());
                }
                return cancelled.add(task);
              });
    }

    /** What waits to be run, without what is run again and again. */
    public List<Runnable> tasks() {
      return tasks;
    }

    public void runAll() {
      List<Runnable> due = List.copyOf(tasks);
      tasks.clear();
      due.forEach(Runnable::run);
    }

    /** How many tasks were cancelled. */
    public int cancelled() {
      return cancelled.size();
    }
  }
}
