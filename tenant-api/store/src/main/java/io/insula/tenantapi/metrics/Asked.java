package io.insula.tenantapi.metrics;

import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A family whose values live elsewhere and are read when somebody asks.
final class Asked extends Family {

    private static final Logger LOG = LoggerFactory.getLogger(Asked.class);

    private final Supplier<List<MetricRegistry.Sample>> values;

    Asked(String type, String name, String help, List<String> labels, Supplier<List<MetricRegistry.Sample>> values) {
        super(type, name, help, labels);
        this.values = values;
    }

    @Override
    void write(StringBuilder out) {
        List<MetricRegistry.Sample> now;
        try {
            now = values.get();
        } catch (RuntimeException e) {
            // the others are still worth having
            LOG.atWarn().setCause(e).addKeyValue("metric", name()).log("metric cannot be read");
            return;
        }
        if (now.isEmpty()) {
            return;
        }
        writeHead(out);
        now.forEach(sample -> writeLine(out, "", sample.labels(), "", sample.value()));
    }
}
