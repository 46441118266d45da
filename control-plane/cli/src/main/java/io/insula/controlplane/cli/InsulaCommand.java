package io.insula.controlplane.cli;

/// A command of `insula`, or a group of them. Adding one is one file: a package-private `@Prototype` with picocli's
/// annotations; one is made for each call, as picocli writes the options into it.
interface InsulaCommand {

    /// Where it stands in the help, ascending.
    int order();
}
