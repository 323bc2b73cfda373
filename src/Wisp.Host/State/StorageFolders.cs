using Wisp.Host.Deployments;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Host.State;

/// <summary>Where relative directories of <c>permissions.fs</c> lie on a server: <c>storage/NAME/</c>.</summary>
internal static class StorageFolders
{
    /// <summary>Makes the directories that an app asks for, where they are missing.</summary>
    /// <param name="app">The app.</param>
    /// <param name="storage">Its folder of storage.</param>
    /// <param name="made">Takes those that were missing, the outer ones first.</param>
    /// <exception cref="DeployException">A path leaves the folder.</exception>
    /// <remarks>A program that may write in its storage may make links there. None is followed here, or a later version could ask for a
    /// harmless looking path and be granted what the link leads to.</remarks>
    public static void Prepare(AppManifest app, string storage, List<string> made)
    {
        foreach (DirectoryGrant directory in app.Components.SelectMany(component => component.Asked.Directories))
        {
            if (Path.IsPathRooted(directory.HostPath))
            {
                continue;
            }

            string path = storage;
            Make(path, directory.HostPath, made);
            foreach (string part in directory.HostPath.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
            {
                path = part == ".."
                    ? throw Refused(directory.HostPath, "leaves the app's storage")
                    : Path.Combine(path, part);
                Make(path, directory.HostPath, made);
            }
        }
    }

    private static void Make(string path, string asked, List<string> made)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            throw Refused(asked, "leads over a link in the app's storage");
        }

        if (File.Exists(path))
        {
            throw Refused(asked, "is a file in the app's storage");
        }

        if (!Directory.Exists(path))
        {
            DurableFile.CreateFolder(path);
            made.Add(path);
        }
    }

    private static DeployException Refused(string asked, string why) => new("bad-directory", $"permissions.fs: {GuestText.Quote(asked)} {why}");
}
