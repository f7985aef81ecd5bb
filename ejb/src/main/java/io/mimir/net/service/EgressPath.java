package io.mimir.net.service;

import io.mimir.net.HttpProxy;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a new connection is made to.
 *
 * @param addresses to be tried one after another
 * @param proxy whose addresses they are; null when they are the server's own
 */
record EgressPath(List<InetSocketAddress> addresses, HttpProxy proxy) {}
