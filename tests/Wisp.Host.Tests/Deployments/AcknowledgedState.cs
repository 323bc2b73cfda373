using System.Globalization;

namespace Wisp.Host.Tests.Deployments;

/// <summary>What a process said that it had done before it was killed.</summary>
internal sealed class AcknowledgedState
{
    /// <summary>What is known of an app; nothing known of one that was never changed.</summary>
    public Dictionary<string, AcknowledgedApp> Apps { get; } = [];

    /// <summary>Takes a line of <see cref="CrashChild"/>.</summary>
    public void Take(string line)
    {
        string[] words = line.Split(' ');
        AcknowledgedApp app = Apps.TryGetValue(words[1], out AcknowledgedApp? known) ? known : Apps[words[1]] = new AcknowledgedApp();
        switch (words[0])
        {
            case "deploy":
                int number = int.Parse(words[2], CultureInfo.InvariantCulture);
                app.Digests[number] = words[3];
                (app.Latest, app.Traffic) = (number, words[4]);
                break;
            case "traffic":
                app.Traffic = words[2];
                break;
            case "secret":
                app.Secret = words[2];
                break;
            default:
                (app.Latest, app.Traffic, app.Secret) = (0, null, null);
                app.Digests.Clear();
                break;
        }
    }
}

/// <summary>What was acknowledged about an app.</summary>
internal sealed class AcknowledgedApp
{
    /// <summary>Its newest version; 0 when it was deleted.</summary>
    public int Latest { get; set; }

    public string? Traffic { get; set; }

    public string? Secret { get; set; }

    /// <summary>Digests of its bundles, by version.</summary>
    public Dictionary<int, string> Digests { get; } = [];
}
