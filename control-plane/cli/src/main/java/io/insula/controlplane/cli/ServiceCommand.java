package io.insula.controlplane.cli;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.process.BrokerClassPath;
import io.insula.controlplane.service.ServiceFile;
import io.insula.controlplane.service.ServiceMain;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// How a service's process is started.
final class ServiceCommand {

    /// The environment variable that holds more flags of the service's JVM, with blanks between them.
    static final String FLAGS = "INSULA_JVM_FLAGS";

    private ServiceCommand() {}

    /// @param flags of the JVM, besides those that every service has and those of the environment; of two that say the
    ///     same the environment's counts
    /// @param options of the service
    static List<String> of(Home home, List<String> flags, List<String> options) {
        var command = new ArrayList<String>();
        command.add(java());
        command.addAll(ServiceMain.jvmArguments());
        command.addAll(flags);
        command.addAll(flags(System.getenv().getOrDefault(FLAGS, "")));
        command.addAll(BrokerClassPath.jvmArguments());
        command.add(ServiceFile.markerOf(home));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ServiceMain.class.getName()));
        command.addAll(List.of("--home", home.root().toString()));
        command.addAll(options);
        return command;
    }

    static List<String> flags(String text) {
        return Stream.of(text.split("\\s+", -1)).filter(flag -> !flag.isEmpty()).toList();
    }

    /// The JVM that runs this command.
    static String java() {
        return ProcessHandle.current().info().command().orElse("java");
    }
}
