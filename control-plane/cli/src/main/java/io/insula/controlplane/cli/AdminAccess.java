package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// How a command gets to the admin API.
///
/// @param home whose own superuser it is
/// @param kubeconfig of the admin API, in place of that; null for none
record AdminAccess(Home home, @Nullable Path kubeconfig) {}
