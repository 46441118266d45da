package io.insula.controlplane.service;

import io.insula.controlplane.audit.KafkaSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which Kafka a service tells its events, where it starts none of its own.
final class KafkaOptions {

    private static final String BOOTSTRAP = "kafka-bootstrap";
    private static final String CONFIG = "kafka-config";
    private static final String TOPIC = "kafka-topic";

    private static final Pattern SERVERS = Pattern.compile("[^\\s:,]+:[0-9]{1,5}(,[^\\s:,]+:[0-9]{1,5})*");
    /// Source: Kafka's `Topic.validate`, but for the two names of folders.
    private static final Pattern TOPICS = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");
    /// The addresses by their name in Kafka's own files.
    private static final String IN_FILE = "bootstrap.servers";

    @Option(
            names = "--" + BOOTSTRAP,
            paramLabel = "HOST:PORT",
            description = "Uses this Kafka instead of starting one; several with commas between.")
    private @Nullable String bootstrap;

    @Option(
            names = "--" + CONFIG,
            paramLabel = "FILE",
            description =
                    "Client settings of that Kafka as for Kafka's own tools: security.protocol, ssl.*, sasl.*; one"
                            + " KEY=VALUE a line.")
    private @Nullable String config;

    @Option(
            names = "--" + TOPIC,
            paramLabel = "NAME",
            description = "Topic of that Kafka for all events (default: " + KafkaSettings.TOPIC + "); each service"
                    + " that shares it needs one of its own.")
    private @Nullable String topic;

    /// What was given, by the options' names without dashes, files by their absolute names.
    Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        add(all, BOOTSTRAP, bootstrap);
        add(all, CONFIG, config == null || config.isEmpty() ? config : absolute(config));
        add(all, TOPIC, topic);
        return all;
    }

    /// Takes what was not given from what was given before. Another address is another Kafka, with other settings.
    void completeWith(Map<String, String> before) {
        if (bootstrap != null) {
            return;
        }
        bootstrap = before.get(BOOTSTRAP);
        config = config == null ? before.get(CONFIG) : config;
        topic = topic == null ? before.get(TOPIC) : topic;
    }

    /// Empty to start one.
    ///
    /// @throws OptionException when what is given cannot be used
    Optional<KafkaSettings> settings() {
        Map<String, Object> settings = config == null || config.isEmpty() ? new HashMap<>() : read(Path.of(config));
        String inFile = String.valueOf(settings.getOrDefault(IN_FILE, ""));
        String servers = bootstrap == null || bootstrap.isEmpty() ? inFile : bootstrap;
        settings.remove(IN_FILE);
        String name = topic == null || topic.isEmpty() ? KafkaSettings.TOPIC : topic;
        if (!TOPICS.matcher(name).matches()) {
            throw refused(TOPIC, name, "a topic's name: letters, digits, dots, dashes and underscores");
        }
        if (servers.isEmpty() && (config == null || config.isEmpty())) {
            if (topic != null && !topic.isEmpty()) {
                throw refused(TOPIC, name, "a Kafka of --" + BOOTSTRAP + " or --" + CONFIG + " that has it");
            }
            return Optional.empty();
        }
        if (!SERVERS.matcher(servers).matches()) {
            throw refused(BOOTSTRAP, servers, "HOST:PORT, several with commas between");
        }
        return Optional.of(new KafkaSettings(() -> servers, settings, name));
    }

    private static OptionException refused(String option, String value, String expected) {
        return new OptionException(
                "--" + option + ": \"" + value + "\" (expected: " + expected + "); nothing was changed");
    }

    private static Map<String, Object> read(Path file) {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new OptionException("--" + CONFIG + ": cannot read " + file + " (" + e + "); nothing was changed", e);
        }
        var settings = new HashMap<String, Object>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return settings;
    }

    private static String absolute(String name) {
        return Path.of(name).toAbsolutePath().toString();
    }

    private static void add(Map<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }
}
