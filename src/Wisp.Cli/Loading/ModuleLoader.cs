using Wisp.Abi;
using Wisp.Abi.Images;

namespace Wisp.Cli.Loading;

/// <summary>Makes a module ready to run: an image is mapped, anything else compiled, or taken from the cache of images.</summary>
internal sealed class ModuleLoader(Engine engine, ImageCache? cache, TextWriter messages)
{
    /// <summary>Loads the module that the user named.</summary>
    /// <exception cref="CommandException">The file is not there, or holds no valid module.</exception>
    /// <exception cref="ImageException">It is an image that cannot be used here.</exception>
    public Module Load(string path)
    {
        if (ModuleFile.IsImageFile(path))
        {
            return Module.FromImage(engine, path, Path.GetFileName(path));
        }

        ModuleFile file = ModuleFile.Read(path);
        try
        {
            return cache is null ? Module.Compile(engine, file.Bytes, file.Name) : LoadThroughCache(file, cache);
        }
        catch (Exception exception) when (ModuleFile.IsFault(exception))
        {
            throw file.Fault(exception);
        }
    }

    private Module LoadThroughCache(ModuleFile file, ImageCache images)
    {
        string key = ImageCache.KeyOf(file.Bytes, new CodeOptions(engine.Features, engine.Bounds));
        if (images.Find(key) is string cached)
        {
            try
            {
                return Module.FromImage(engine, cached, file.Name);
            }
            catch (Exception unusable) when (unusable is ImageException or IOException or UnauthorizedAccessException)
            {
                messages.WriteLine($"wisp: cached image cannot be used, compiling {file.Name} again: {FailureReport.OneLine(unusable.Message)}");
                images.Remove(key);
            }
        }

        Module module = Module.Compile(engine, file.Bytes, file.Name);
        if (images.Store(key, module.ToImage()) is string reason)
        {
            messages.WriteLine($"wisp: the image cannot be cached (--no-cache does not try): {FailureReport.OneLine(reason)}");
        }

        return module;
    }
}
