/// The host service of Insula: it makes `Tenant` objects on the host cluster real, and is the only module in
/// which tenant names, plans and host credentials exist together.
///
/// Features, one package each: `home` (the folder everything lives in), `pki` (certificates), `process` (etcd
/// and Kafka as child processes), `host` (the host cluster), `nodes` (where its nodes come from), `tenant` (the
/// reconciler), `cluster` (tenants' API servers in this JVM), `audit` (the trail to Kafka), `admin` (REST API) and
/// `service` (what starts and stops all of it). The `insula` command is an artefact of its own.
@NullMarked
package io.insula.controlplane;

import org.jspecify.annotations.NullMarked;
