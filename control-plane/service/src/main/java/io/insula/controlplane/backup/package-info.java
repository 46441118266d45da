/// Backups of tenants: what is in one, how it is sealed, where it is kept, and how one is proved to be good.
///
/// [Backups] takes, lists, proves and removes them; a backup is kept in a [BackupPlace], a folder or a store, described
/// by a [BackupManifest]; what is in it is sealed by a [BackupKeys.Key] as CMS says. Nothing here knows what a
/// tenant is beyond its name, its folder and its store: when one is due, and what becomes of a restored one, is
/// the business of package `tenant`. All types are immutable or safe to share.
@NullMarked
package io.insula.controlplane.backup;

import org.jspecify.annotations.NullMarked;
