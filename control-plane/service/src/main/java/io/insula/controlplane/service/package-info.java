/// What starts and stops all of it: [InsulaService] in this JVM, [ServiceMain] as a process, [ServiceFile] as
/// the note to the command line that it runs.
@NullMarked
package io.insula.controlplane.service;

import org.jspecify.annotations.NullMarked;
