/// The `insula` command: picocli commands over the admin API, and the start and stop of the service.
///
/// [Insula] is the entry point. Commands end with 0 (done), 1 (failed; one line on standard error says why
/// and what to do) or 2 (wrong usage). No framework is started here: a command takes as long as its JVM.
@NullMarked
package io.insula.controlplane.cli;

import org.jspecify.annotations.NullMarked;
