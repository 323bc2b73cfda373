namespace Wisp.Abi.Images;

/// <summary>Why an image cannot be used.</summary>
public enum ImageFault
{
    /// <summary>The bytes are not a Wisp image at all.</summary>
    NotAnImage,

    /// <summary>The image's format is of another version of Wisp.</summary>
    UnknownFormat,

    /// <summary>The file ends before the image does.</summary>
    Truncated,

    /// <summary>The bytes are not those that were written.</summary>
    Damaged,

    /// <summary>The code was made for another layout of the runtime; compiling the module again mends it.</summary>
    Stale,

    /// <summary>The code needs instructions that this machine's processor lacks.</summary>
    MissingFeatures,

    /// <summary>The compiled module is larger than an image can be.</summary>
    TooLarge,
}

/// <summary>An image that cannot be used: not one, damaged, or made for something else.</summary>
public sealed class ImageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">Why the image cannot be used.</param>
    /// <param name="message">Image, place and reason in one line.</param>
    public ImageException(ImageFault fault, string message)
        : base(message) => Fault = fault;

    /// <summary>Why the image cannot be used.</summary>
    public ImageFault Fault { get; }
}
