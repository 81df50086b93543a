extension DescriptionPage {
    /// The style sheet; the page can be read without it.
    static let style = """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        h2 { margin-top: 3rem; border-bottom: 1px solid; }
        h3, h4, h5 { margin: 1.2rem 0 0.3rem; }
        code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
        pre { padding: 0.8rem; border: 1px solid; border-radius: 4px; overflow-x: auto; }
        details { margin: 0.5rem 0; padding: 0.5rem 0.8rem; border: 1px solid; border-radius: 4px; }
        summary { cursor: pointer; }
        section { margin-left: 1rem; }

        """
}
