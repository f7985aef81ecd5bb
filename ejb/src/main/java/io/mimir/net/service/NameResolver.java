package io.mimir.net.service;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** A way to look names up. */
interface NameResolver {

  /**
   * @param host a name, or an address as it is written
   */
  InetAddress[] resolve(String host) throws UnknownHostException;
}
