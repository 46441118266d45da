package io.insula.controlplane.cli;

import io.insula.controlplane.nodes.NodeAccess;
import io.insula.controlplane.service.HomeNodes;
import io.insula.node.image.ImageSpec;
import io.insula.node.runtime.Images.Image;
import io.micronaut.context.annotation.Prototype;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `insula image`: the images of this machine's own node, past the admin API: an image is bigger than a request may be,
/// and whoever may speak to what runs the node's containers may do everything on this machine anyway.
@Prototype
@Command(name = "image", description = "Images of this machine's own node, where there is no registry.")
final class ImageCommands implements InsulaCommand {

    private static final List<String> HEADER = List.of("IMAGE", "ID", "MIB");
    private static final int SHOWN = 12;

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 75;
    }

    @Command(
            name = "load",
            description = "Takes all images from an archive, as `docker save` or `image build` write it.")
    int load(@Parameters(paramLabel = "FILE") Path archive) {
        if (!Files.isReadable(archive)) {
            throw new CommandException("cannot read " + archive + "; nothing was changed");
        }
        List<String> names = with(images -> images.load(archive.toAbsolutePath()));
        names.forEach(name -> System.out.println("loaded " + name));
        return 0;
    }

    @Command(
            name = "build",
            description = "Makes an image of one layer out of a folder: what is in the folder is the image's root.")
    int build(
            @Option(
                            names = {"-t", "--tag"},
                            required = true,
                            paramLabel = "NAME:TAG",
                            description = "The image's name, as pods name it.")
                    String name,
            @Option(names = "--from", required = true, paramLabel = "FOLDER", description = "The image's root.")
                    Path folder,
            @Option(
                            names = "--cmd",
                            arity = "1..*",
                            paramLabel = "WORD",
                            description = "The program that containers run, and its arguments (default: none).")
                    @Nullable
                    List<String> command,
            @Option(names = "--env", paramLabel = "NAME=VALUE", description = "A variable of its environment.")
                    @Nullable
                    Map<String, String> env,
            @Option(names = "--user", paramLabel = "UID", description = "As whom it runs (default: root).") @Nullable
                    String user,
            @Option(names = "--workdir", paramLabel = "FOLDER", description = "Where it runs (default: /).") @Nullable
                    String workingDir) {
        String digest =
                with(images -> images.build(folder.toAbsolutePath(), spec(name, command, env, user, workingDir)));
        System.out.println("built " + name + " " + digest);
        return 0;
    }

    @Command(name = "list", description = "Lists the images that pods find on the node.")
    int list() {
        var rows = new ArrayList<List<String>>();
        for (Image image : with(NodeAccess::images)) {
            String id = image.id().substring(image.id().indexOf(':') + 1);
            for (String tag : image.tags().isEmpty() ? image.digests() : image.tags()) {
                rows.add(List.of(
                        tag, id.substring(0, Math.min(SHOWN, id.length())), Long.toString(image.bytes() >> 20)));
            }
        }
        rows.sort(Comparator.comparing(List::getFirst));
        TextTable.print(HEADER, rows);
        return 0;
    }

    private static ImageSpec spec(
            String name,
            @Nullable List<String> command,
            @Nullable Map<String, String> env,
            @Nullable String user,
            @Nullable String workingDir) {
        try {
            return new ImageSpec(
                    name,
                    command == null ? List.of() : command,
                    List.of(),
                    env == null ? Map.of() : env,
                    user == null ? "" : user,
                    workingDir == null ? "" : workingDir);
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage() + "; nothing was changed", e);
        }
    }

    private <T> T with(Function<NodeAccess, T> work) {
        insula.home().requireOwn();
        try (NodeAccess node = HomeNodes.access(insula.home())) {
            return work.apply(node);
        } catch (NodeAccess.Failure e) {
            throw new CommandException(
                    e.getMessage() + " (images are for nodes that really run: `"
                            + insula.home().command("up --nodes real") + "`)",
                    e);
        }
    }
}
