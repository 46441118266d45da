/// What this machine has for containers, and a containerd of our own on it: its folders, socket, configuration, sandbox
/// image. Everything is below one folder; the machine's own containerd, Docker, firewall and CNI configuration are not
/// touched.
@NullMarked
package io.insula.node.machine;

import org.jspecify.annotations.NullMarked;
