<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en">
<context>
    <name>ActionBar</name>
    <message numerus="yes">
        <source>By %Ln epoch(s)</source>
        <translation>
            <numerusform>By %Ln epoch</numerusform>
            <numerusform>By %Ln epochs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CaptionController</name>
    <message numerus="yes">
        <source>%n caption(s) written by hand stay as they are.</source>
        <translation>
            <numerusform>%n caption written by hand stays as it is.</numerusform>
            <numerusform>%n captions written by hand stay as they are.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) written.</source>
        <translation>
            <numerusform>%n file written.</numerusform>
            <numerusform>%n files written.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Collecting</name>
    <message numerus="yes">
        <source>%Ln corrected caption(s) are in {name} now.</source>
        <translation>
            <numerusform>%Ln corrected caption is in {name} now.</numerusform>
            <numerusform>%Ln corrected captions are in {name} now.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photograph(s) cannot be named in a captions file and are left out.</source>
        <translation>
            <numerusform>%Ln photograph cannot be named in a captions file and is left out.</numerusform>
            <numerusform>%Ln photographs cannot be named in a captions file and are left out.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CollectionPanel</name>
    <message numerus="yes">
        <source>%Ln photograph(s)</source>
        <translation>
            <numerusform>%Ln photograph</numerusform>
            <numerusform>%Ln photographs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{shown} of %Ln photograph(s)</source>
        <translation>
            <numerusform>{shown} of %Ln photograph</numerusform>
            <numerusform>{shown} of %Ln photographs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Collector</name>
    <message numerus="yes">
        <source>%Ln more file(s) were left out.</source>
        <translation>
            <numerusform>%Ln more file was left out.</numerusform>
            <numerusform>%Ln more files were left out.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message numerus="yes">
        <source>Add %n photograph(s)</source>
        <translation>
            <numerusform>Add %n photograph</numerusform>
            <numerusform>Add %n photographs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remove %n photograph(s)</source>
        <translation>
            <numerusform>Remove %n photograph</numerusform>
            <numerusform>Remove %n photographs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message numerus="yes">
        <source>Different in %n place(s)</source>
        <translation>
            <numerusform>Different in %n place</numerusform>
            <numerusform>Different in %n places</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DataPanel</name>
    <message numerus="yes">
        <source>%Ln could not be read</source>
        <translation>
            <numerusform>%Ln could not be read</numerusform>
            <numerusform>%Ln could not be read</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DropOverlay</name>
    <message numerus="yes">
        <source>Drop to add %Ln item(s)</source>
        <translation>
            <numerusform>Drop to add %Ln item</numerusform>
            <numerusform>Drop to add %Ln items</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message numerus="yes">
        <source>Write a text file beside each of %n photograph(s)?</source>
        <translation>
            <numerusform>Write a text file beside the photograph?</numerusform>
            <numerusform>Write a text file beside each of %n photographs?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelFacts</name>
    <message numerus="yes">
        <source>%Ln word(s)</source>
        <translation>
            <numerusform>%Ln word</numerusform>
            <numerusform>%Ln words</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Preparation</name>
    <message numerus="yes">
        <source>%Ln photograph(s) could not be read and are left out.</source>
        <translation>
            <numerusform>%Ln photograph could not be read and is left out.</numerusform>
            <numerusform>%Ln photographs could not be read and are left out.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ProgressStrip</name>
    <message numerus="yes">
        <source>%Ln failed</source>
        <translation>
            <numerusform>%Ln failed</numerusform>
            <numerusform>%Ln failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReportView</name>
    <message numerus="yes">
        <source>%Ln image(s)</source>
        <translation>
            <numerusform>%Ln image</numerusform>
            <numerusform>%Ln images</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln thing(s) to know before</source>
        <translation>
            <numerusform>%Ln thing to know before</numerusform>
            <numerusform>%Ln things to know before</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>and %Ln more</numerusform>
            <numerusform>and %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunDisplay</name>
    <message numerus="yes">
        <source>%Ln epoch(s)</source>
        <translation>
            <numerusform>%Ln epoch</numerusform>
            <numerusform>%Ln epochs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It ended as its patience asks: dev loss had not fallen for %Ln epoch(s).</source>
        <translation>
            <numerusform>It ended as its patience asks: dev loss had not fallen for %Ln epoch.</numerusform>
            <numerusform>It ended as its patience asks: dev loss had not fallen for %Ln epochs.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It ended as its patience asks: dev {score} had not risen for %Ln epoch(s).</source>
        <translation>
            <numerusform>It ended as its patience asks: dev {score} had not risen for %Ln epoch.</numerusform>
            <numerusform>It ended as its patience asks: dev {score} had not risen for %Ln epochs.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SettingsPanel</name>
    <message numerus="yes">
        <source>Undo %Ln change(s)</source>
        <translation>
            <numerusform>Undo %Ln change</numerusform>
            <numerusform>Undo %Ln changes</numerusform>
        </translation>
    </message>
</context>
</TS>
