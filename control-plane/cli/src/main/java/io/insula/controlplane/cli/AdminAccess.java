package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a command gets to the admin API.
///
/// @param home whose own superuser it is
/// @param kubeconfig of the admin API, in place of that; null for none
/// @param login says where somebody logs in, in place of both; empty for none
record AdminAccess(Home home, @Nullable Path kubeconfig, Optional<Path> login) {}
