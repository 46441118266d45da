package io.insula.tenantapi.kinds.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.PodTemplates;
import io.insula.tenantapi.kinds.PodWarnings;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Singleton
final class CronJobKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("batch", "v1", "CronJob", "cronjobs")
            .shortNames("cj")
            .categories("all")
            .withStatus()
            .withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fields.object(object, "spec");
        if (Checks.at(spec, "jobTemplate.spec") instanceof ObjectNode) {
            PodTemplates.applyDefaults(Fields.object(spec, "jobTemplate"));
        }
        Fields.defaultText(spec, "concurrencyPolicy", "Allow");
        Fields.defaultTo(spec, "suspend", false);
        Fields.defaultTo(spec, "successfulJobsHistoryLimit", 3);
        Fields.defaultTo(spec, "failedJobsHistoryLimit", 1);
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks();
        String schedule = spec.path("schedule").asText("");
        if (schedule.isEmpty()) {
            checks.add(FieldError.required("spec.schedule", ""));
        } else if (schedule.contains("TZ")) {
            checks.add(FieldError.invalid(
                    "spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
        } else if (!schedule.startsWith("@") && schedule.trim().split("\\s+", -1).length != 5) {
            checks.add(FieldError.invalid(
                    "spec.schedule",
                    schedule,
                    "expected exactly 5 fields, found " + schedule.trim().split("\\s+", -1).length + ": " + schedule));
        }
        String zone = spec.path("timeZone").asText("");
        if (!zone.isEmpty() && !ZoneId.getAvailableZoneIds().contains(zone)) {
            checks.add(FieldError.invalid("spec.timeZone", zone, "unknown time zone " + zone));
        }
        for (String field :
                List.of("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")) {
            checks.notNegative(spec, "spec", field);
        }
        checks.oneOf(spec, "spec", "concurrencyPolicy", "Allow", "Forbid", "Replace");
        if (Meta.name(object).length() > 52) {
            checks.add(FieldError.invalid("metadata.name", Meta.name(object), "must be no more than 52 characters"));
        }
        return checks.addAll(JobSelectors.validateTemplate(
                        WorkloadView.of(object).jobTemplate().template(), "spec.jobTemplate.spec.template"))
                .errors();
    }

    @Override
    public List<String> warnings(JsonNode object, @Nullable JsonNode old) {
        return PodWarnings.ofTemplate(object, old, "spec.jobTemplate.spec.template");
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public List<Column> columns() {
        var all = new ArrayList<>(Printers.templated(
                o -> WorkloadView.of(o).jobTemplate().podSpec(),
                Printers.NAME,
                Printers.text("Schedule", "spec.schedule"),
                Printers.text("Timezone", "spec.timeZone", Printers.NONE),
                Printers.bool("Suspend", "spec.suspend"),
                Printers.count("Active", "status.active"),
                Column.of(
                        "Last Schedule",
                        (o, now) -> o.path("status").hasNonNull("lastScheduleTime")
                                ? Printers.age(
                                        Checks.at(o, "status.lastScheduleTime").asText(), now)
                                : Printers.NONE),
                Printers.AGE));
        all.add(Column.of(
                        "Selector",
                        (o, now) -> Printers.selector(
                                WorkloadView.of(o).jobTemplate().selector()))
                .wide());
        return List.copyOf(all);
    }
}
