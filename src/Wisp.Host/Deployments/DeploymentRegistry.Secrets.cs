using System.Text;
using Wisp.Host.Manifests;
using Wisp.Host.Secrets;
using Wisp.Host.State;
using Wisp.Permissions;

namespace Wisp.Host.Deployments;

// The values that are set on the server. They may be set before the first deploy, which may need them.
internal sealed partial class DeploymentRegistry
{
    public IReadOnlyList<SecretStatus> Secrets(string app) => _state.Secrets.List(app);

    public Task SetSecretAsync(string app, string name, string value, string by)
    {
        if (TextTypes.VariableName.Check!(name) is string fault)
        {
            throw new DeployException("bad-name", fault);
        }

        if (Encoding.UTF8.GetByteCount(value) > SecretStore.MaxBytes || value.Contains('\0', StringComparison.Ordinal))
        {
            throw new DeployException("bad-value", $"a value has at most {SecretStore.MaxBytes >> 10} KiB and no zero byte");
        }

        return InTurnAsync(app, entry =>
        {
            DateTimeOffset now = _clock.GetUtcNow();
            Change(app, entry, name, values => values[name] = value, queries =>
            {
                _state.Secrets.Set(queries, app, name, value, now);
                AuditLog.Add(queries, now, by, "secret.set", app, name);
            });
            return Task.FromResult(true);
        });
    }

    public Task DeleteSecretAsync(string app, string name, string by) => InTurnAsync(app, entry =>
    {
        DateTimeOffset now = _clock.GetUtcNow();
        if (!_state.Secrets.List(app).Any(secret => secret.Name == name))
        {
            throw new DeployException("no-such-secret", $"{app} has no secret {GuestText.Quote(name)}");
        }

        Change(app, entry, name, values => values.Remove(name), queries =>
        {
            SecretStore.Delete(queries, app, name);
            AuditLog.Add(queries, now, by, "secret.delete", app, name);
        });
        return Task.FromResult(true);
    });

    /// <summary>Changes a value, and loads the running versions that declare it again.</summary>
    private void Change(string app, AppEntry entry, string name, Action<Dictionary<string, string>> edit, Action<StateQueries> rows)
    {
        if (!entry.Shares.Any(share => Declares(share.Version, name)))
        {
            _state.Database.Change(rows);
            if (entry.Problem is not null)
            {
                TryLoad(app, entry);   // the value may be what was missing
            }

            return;
        }

        Dictionary<string, string> values = _state.Secrets.Open(app);
        edit(values);
        using StoreHold hold = _state.Images.Hold();
        List<(DeployedVersion Version, int Weight)> shares = [.. entry.Shares.Select(share => (Declares(share.Version, name)
            ? _reader.WithValues(share.Version, RecordOf(app, share.Version.Number).Files, values, hold)
            : share.Version, share.Weight))];
        Switch(app, entry, shares, queries =>
        {
            rows(queries);
            foreach ((DeployedVersion version, _) in shares)
            {
                AppRows.SetImages(queries, app, version.Number, VersionReader.NamesOf(version));
            }
        });
    }

    private static bool Declares(DeployedVersion version, string name) =>
        version.Manifest.Variables.Any(variable => variable.Name == name);
}
