/**
 * What a plugin file is, read without running it: shared by the server, its host and the command
 * line.
 */
package io.mimir.plugin.kit;
