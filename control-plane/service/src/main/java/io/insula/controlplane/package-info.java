/// The host service of Insula: it makes `Tenant` objects on the host cluster real, and is the only module in which
/// tenant
/// names, plans and host credentials exist together.
///
/// Features, one package each: `home` (the folder everything lives in), `pki` (certificates), `process` (etcd and Kafka
/// as
/// child processes), `host` (the host cluster), `tenant` (the reconciler), `audit` (the trail to Kafka), `admin` (REST
/// API),
/// `cli` (the `insula` command) and `service` (what starts and stops all of it).
@NullMarked
package io.insula.controlplane;

import org.jspecify.annotations.NullMarked;
