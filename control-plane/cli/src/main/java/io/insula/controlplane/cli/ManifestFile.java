package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// The documents in a file of YAML or JSON.
final class ManifestFile {

    private ManifestFile() {}

    /// @param file `-` for standard input
    /// @throws CommandException for a file that cannot be read
    static List<JsonNode> read(String file) {
        String text;
        try {
            byte[] bytes = file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
            text = new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CommandException("cannot read " + file + ": " + e, e);
        }
        try {
            var documents = new ArrayList<JsonNode>();
            new Load(LoadSettings.builder().build())
                    .loadAllFromString(text)
                    .forEach(document -> documents.add(Json.MAPPER.valueToTree(document)));
            return documents;
        } catch (YamlEngineException | IllegalArgumentException e) {
            throw new CommandException(file + " is neither YAML nor JSON: " + e.getMessage(), e);
        }
    }
}
