using System.Globalization;

namespace Wisp.Host.State;

/// <summary>The tables of the database, and how an older one becomes a present one.</summary>
internal static class StateSchema
{
    /// <summary>Each brings a database from the number before its own to its own. Never changed once released, only added to.</summary>
    private static readonly string[] Steps =
    [
        // 1. `numbers` outlives its app, so that a number is never used again. `images.image` names a file of images/.
        // `accepted` is what the newest version of an app may use. `traffic_history.shares` is the text of TrafficText.
        """
        create table numbers (app text primary key, last integer not null) strict;
        create table apps (name text primary key, created integer not null) strict;
        create table versions (
            app text not null references apps (name) on delete cascade,
            number integer not null,
            label text,
            digest text not null,
            created integer not null,
            created_by text not null,
            primary key (app, number)) strict;
        create table files (
            app text not null, number integer not null, path text not null,
            digest text not null, bytes integer not null,
            primary key (app, number, path),
            foreign key (app, number) references versions (app, number) on delete cascade) strict;
        create index files_by_digest on files (digest);
        create table images (
            app text not null, number integer not null, component text not null, image text not null,
            primary key (app, number, component),
            foreign key (app, number) references versions (app, number) on delete cascade) strict;
        create index images_by_image on images (image);
        create table traffic (
            app text not null, version integer not null, weight integer not null check (weight between 1 and 100),
            primary key (app, version),
            foreign key (app, version) references versions (app, number) on delete cascade) strict;
        create table traffic_history (
            id integer primary key autoincrement,
            app text not null references apps (name) on delete cascade,
            changed integer not null, shares text not null) strict;
        create index traffic_history_by_app on traffic_history (app, id);
        create table accepted (
            app text not null references apps (name) on delete cascade,
            line text not null, accepted integer not null, accepted_by text not null,
            primary key (app, line)) strict;
        create table secrets (
            app text not null, name text not null, sealed blob not null, changed integer not null,
            primary key (app, name)) strict;
        create table tokens (
            name text primary key, scope text not null, hash blob not null, created integer not null) strict;
        create table audit (
            id integer primary key autoincrement,
            at integer not null, who text not null, action text not null, app text, detail text) strict;
        create index audit_by_app on audit (app, id);
        """,
    ];

    /// <summary>Brings a database up to date, a step a transaction.</summary>
    public static void Upgrade(StateDatabase database, string path)
    {
        int version = database.Read(queries => queries.One("pragma user_version", row => row.GetInt32(0)));
        if (version > Steps.Length)
        {
            throw new StateException(string.Create(CultureInfo.InvariantCulture,
                $"{path}: made by a newer version of Wisp (schema {version}, this one knows {Steps.Length}); use that one"));
        }

        for (int step = version; step < Steps.Length; step++)
        {
            string next = (step + 1).ToString(CultureInfo.InvariantCulture);
            database.Change(queries => queries.Execute($"{Steps[step]}; pragma user_version = {next};"));
        }
    }
}
