using Wisp.Tables;

// Rewrites every generated file from its table. With --check it writes nothing and fails when a file would change.
bool check = args is ["--check", ..];
string root = SourceTree.FindRoot();
int changed = 0;
foreach (GeneratedFile file in SourceTree.Generate(root))
{
    string path = Path.Combine(root, file.Path);
    if (File.Exists(path) && File.ReadAllText(path) == file.Text)
    {
        continue;
    }

    changed++;
    Console.WriteLine($"{(check ? "differs" : "written")}: {file.Path}");
    if (!check)
    {
        File.WriteAllText(path, file.Text);
    }
}

return check && changed > 0 ? 1 : 0;
