package io.insula.node.network;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One table of nftables that is ours alone. Each write is one transaction: the kernel obeys the old rules or the new
/// ones, never some of both. Confined to one thread.
final class NftTable {

    private static final Logger LOG = LoggerFactory.getLogger(NftTable.class);
    private static final List<Path> FOLDERS = List.of(Path.of("/usr/sbin"), Path.of("/sbin"), Path.of("/usr/bin"));

    private final List<String> command;
    private final String name;
    private Ruleset written = Ruleset.EMPTY;
    private boolean isKnown;

    /// @param enter what is put before the command, as to run it in a namespace
    /// @param name with its family, e.g. `ip insula`
    /// @throws NetworkException where this machine has no nftables
    NftTable(List<String> enter, String name) {
        Path nft = FOLDERS.stream()
                .map(folder -> folder.resolve("nft"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new NetworkException("no nft: type `apt-get install nftables` as root"));
        this.command = Stream.concat(enter.stream(), Stream.of(nft.toString(), "-f", "-"))
                .toList();
        this.name = name;
    }

    /// What an earlier run left in it is replaced by the first write, and so is what somebody else has changed
    /// since the last.
    ///
    /// @return whether anything changed
    /// @throws NetworkException where the kernel refuses; then nothing has changed
    boolean write(Ruleset wanted) {
        if (isKnown) {
            String changes = wanted.changesFrom(written, name);
            if (changes.isEmpty()) {
                return false;
            }
            try {
                Shell.run(changes, command);
                written = wanted;
                return true;
            } catch (NetworkException e) {
                LOG.atWarn().addKeyValue("name", name).setCause(e).log("a table of ours is not as we left it");
                isKnown = false;
            }
        }
        Shell.run(wanted.whole(name), command);
        isKnown = true;
        written = wanted;
        return true;
    }
}
