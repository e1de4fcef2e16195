<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Captioner</source>
        <translation>关于 Captioner</translation>
    </message>
    <message>
        <source>Captioner is free software under the MIT licence. Qt and PySide are used under the LGPL.</source>
        <translation>Captioner 是遵循 MIT 许可证的自由软件。Qt 与 PySide 依 LGPL 使用。</translation>
    </message>
    <message>
        <source>Captions for photographs, and where the network looked while it wrote them.</source>
        <translation>为图片生成描述，并显示网络写下每个词时看向哪里。</translation>
    </message>
    <message>
        <source>Copy versions</source>
        <translation>复制版本信息</translation>
    </message>
    <message>
        <source>Everything stays on this machine.</source>
        <translation>所有数据都留在本机。</translation>
    </message>
    <message>
        <source>Icons: Phosphor, MIT licence. Attention: Xu et al. 2015, Show, Attend and Tell.</source>
        <translation>图标：Phosphor，MIT 许可证。注意力机制：Xu 等人，2015，Show, Attend and Tell。</translation>
    </message>
</context>
<context>
    <name>ActionBar</name>
    <message numerus="yes">
        <source>By %Ln epoch(s)</source>
        <translation>
            <numerusform>再训练 %Ln 轮</numerusform>
        </translation>
    </message>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Choose data…</source>
        <translation>选择数据…</translation>
    </message>
    <message>
        <source>Extend</source>
        <translation>延长</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Stop and save</source>
        <translation>停止并保存</translation>
    </message>
    <message>
        <source>Use this model now</source>
        <translation>立即使用此模型</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Caption</source>
        <translation>描述(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>About Captioner</source>
        <translation>关于 Captioner</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>实际大小</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>Animation of this photograph…</source>
        <translation>此图片的动画…</translation>
    </message>
    <message>
        <source>COCO results…</source>
        <translation>COCO 结果…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Caption again</source>
        <translation>重新描述</translation>
    </message>
    <message>
        <source>Caption all that wait</source>
        <translation>描述所有等待中的图片</translation>
    </message>
    <message>
        <source>Caption page</source>
        <translation>描述页</translation>
    </message>
    <message>
        <source>Caption the same photograph with two models, side by side</source>
        <translation>用两个模型描述同一张图片，并排比较</translation>
    </message>
    <message>
        <source>Caption this first</source>
        <translation>优先描述此图片</translation>
    </message>
    <message>
        <source>Check a model, a folder or a .zip file, and install it</source>
        <translation>校验并安装模型（文件夹或 .zip 文件）</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>Clear pins</source>
        <translation>取消全部固定</translation>
    </message>
    <message>
        <source>Clear this list</source>
        <translation>清空此列表</translation>
    </message>
    <message>
        <source>Collect corrected captions…</source>
        <translation>收集改过的描述…</translation>
    </message>
    <message>
        <source>Colour each place by how much the word looked at it</source>
        <translation>按该词对各处的注意力着色</translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Compare…</source>
        <translation>比较…</translation>
    </message>
    <message>
        <source>Copy caption</source>
        <translation>复制描述</translation>
    </message>
    <message>
        <source>Copy figure</source>
        <translation>复制配图</translation>
    </message>
    <message>
        <source>Copy the photograph with what is drawn over it</source>
        <translation>复制图片及其叠加层</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Darken what the word did not look at</source>
        <translation>压暗该词没有注意的地方</translation>
    </message>
    <message>
        <source>Draw a line around the places that the word looked at most</source>
        <translation>勾勒该词最注意的地方</translation>
    </message>
    <message>
        <source>Draw where each word looked, as a picture, SVG or PDF</source>
        <translation>把每个词的注意力画成图片、SVG 或 PDF</translation>
    </message>
    <message>
        <source>Edit caption</source>
        <translation>编辑描述</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Figure of this photograph…</source>
        <translation>此图片的配图…</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Find any command by a few of its letters</source>
        <translation>输入几个字即可找到任何命令</translation>
    </message>
    <message>
        <source>Fit in window</source>
        <translation>适应窗口</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>Go from word to word and show where each one looked</source>
        <translation>逐词播放，显示每个词看向哪里</translation>
    </message>
    <message>
        <source>Heat</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>JSON…</source>
        <translation>JSON…</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Language of the system</source>
        <translation>跟随系统语言</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Models page</source>
        <translation>模型页</translation>
    </message>
    <message>
        <source>Next photograph</source>
        <translation>下一张图片</translation>
    </message>
    <message>
        <source>Next word</source>
        <translation>下一个词</translation>
    </message>
    <message>
        <source>One pixel of the photograph is one pixel of the screen</source>
        <translation>图片的一个像素对应屏幕的一个像素</translation>
    </message>
    <message>
        <source>Open all photographs of a folder and of the folders in it</source>
        <translation>打开文件夹及其子文件夹中的所有图片</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Open photographs…</source>
        <translation>打开图片…</translation>
    </message>
    <message>
        <source>Open recent</source>
        <translation>最近打开</translation>
    </message>
    <message>
        <source>Open sample photographs</source>
        <translation>打开示例图片</translation>
    </message>
    <message>
        <source>Open the pictures or files that were copied elsewhere</source>
        <translation>打开在别处复制的图片或文件</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>轮廓</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>叠加层</translation>
    </message>
    <message>
        <source>Paste photographs</source>
        <translation>粘贴图片</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Pin word</source>
        <translation>固定此词</translation>
    </message>
    <message>
        <source>Play words</source>
        <translation>逐词播放</translation>
    </message>
    <message>
        <source>Preferences…</source>
        <translation>偏好设置…</translation>
    </message>
    <message>
        <source>Previous photograph</source>
        <translation>上一张图片</translation>
    </message>
    <message>
        <source>Previous word</source>
        <translation>上一个词</translation>
    </message>
    <message>
        <source>Put the captions that you wrote by hand where a model can learn from them</source>
        <translation>把手写的描述存到模型可以学习的地方</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Remove from list</source>
        <translation>从列表移除</translation>
    </message>
    <message>
        <source>Save diagnostics…</source>
        <translation>保存诊断信息…</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Show word after word and where it looked, as a GIF</source>
        <translation>逐词显示注意力的 GIF 动画</translation>
    </message>
    <message>
        <source>Spotlight</source>
        <translation>聚光</translation>
    </message>
    <message>
        <source>Table (CSV)…</source>
        <translation>表格（CSV）…</translation>
    </message>
    <message>
        <source>Take the photographs out of the list; the files stay where they are</source>
        <translation>把图片移出列表，文件保留在原处</translation>
    </message>
    <message>
        <source>Text files beside the photographs…</source>
        <translation>图片旁的文本文件…</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Train page</source>
        <translation>训练页</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Web page…</source>
        <translation>网页…</translation>
    </message>
    <message>
        <source>Write each caption into a .txt file beside its photograph</source>
        <translation>把每条描述写入图片旁的 .txt 文件</translation>
    </message>
    <message>
        <source>Write image numbers and captions as the COCO evaluation reads them</source>
        <translation>按 COCO 评测的格式写出图片编号和描述</translation>
    </message>
    <message>
        <source>Write versions and the log into a .zip file for a report</source>
        <translation>把版本信息和日志写入 .zip 文件，便于报告问题</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
</context>
<context>
    <name>AlternativeRow</name>
    <message>
        <source>Write the caption again from here with this word</source>
        <translation>从这里换用此词，重写后面的描述</translation>
    </message>
</context>
<context>
    <name>AlternativesPanel</name>
    <message>
        <source>Draw a few captions at random</source>
        <translation>随机采样几条描述</translation>
    </message>
    <message>
        <source>Draw some</source>
        <translation>采样几条</translation>
    </message>
    <message>
        <source>Natural logarithm of the probability: the closer to 0, the likelier</source>
        <translation>概率的自然对数：越接近 0 越可能</translation>
    </message>
    <message>
        <source>Nothing else was found. A larger beam looks for more, or draw some at random.</source>
        <translation>没有找到别的描述。可增大束宽继续搜索，或随机采样几条。</translation>
    </message>
    <message>
        <source>Other ways to say it</source>
        <translation>其他说法</translation>
    </message>
    <message>
        <source>log p</source>
        <translation>log p</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Open photographs</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>Photographs ({patterns})</source>
        <translation>图片 ({patterns})</translation>
    </message>
</context>
<context>
    <name>CanvasInput</name>
    <message>
        <source>The model was not shown this part of the photograph.</source>
        <translation>模型没有看到图片的这一部分。</translation>
    </message>
</context>
<context>
    <name>CaptionController</name>
    <message numerus="yes">
        <source>%n file(s) written.</source>
        <translation>
            <numerusform>已写入 %n 个文件。</numerusform>
        </translation>
    </message>
    <message>
        <source>Caption copied.</source>
        <translation>描述已复制。</translation>
    </message>
    <message numerus="yes">
        <source>%n caption(s) written by hand stay as they are.</source>
        <translation>
            <numerusform>%n 条手动编写的描述保持不变。</numerusform>
        </translation>
    </message>
    <message>
        <source>Figure copied.</source>
        <translation>配图已复制。</translation>
    </message>
    <message>
        <source>Nothing new: these photographs are in the list already.</source>
        <translation>没有新图片：这些图片已在列表中。</translation>
    </message>
    <message>
        <source>This caption was written by hand and stays. Caption again to replace it.</source>
        <translation>此描述为手动编写，予以保留。如要替换，请重新描述。</translation>
    </message>
</context>
<context>
    <name>CaptionEditor</name>
    <message>
        <source>Caption</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Enter keeps it, Esc leaves it as it was</source>
        <translation>按 Enter 保存，按 Esc 放弃</translation>
    </message>
</context>
<context>
    <name>CaptionPage</name>
    <message>
        <source>Has no caption.</source>
        <translation>没有描述。</translation>
    </message>
    <message>
        <source>Is being captioned…</source>
        <translation>正在描述…</translation>
    </message>
    <message>
        <source>Waits for its turn.</source>
        <translation>正在排队等待。</translation>
    </message>
    <message>
        <source>beam {size}, length penalty {penalty:g}</source>
        <translation>束宽 {size}，长度惩罚 {penalty:g}</translation>
    </message>
    <message>
        <source>edited by hand</source>
        <translation>手动编辑</translation>
    </message>
    <message>
        <source>greedy</source>
        <translation>贪心</translation>
    </message>
    <message>
        <source>sampled at temperature {value:g}</source>
        <translation>采样，温度 {value:g}</translation>
    </message>
</context>
<context>
    <name>CaptionRow</name>
    <message>
        <source>Drawn at random, not found by the search</source>
        <translation>由随机采样得到，并非搜索结果</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>当前</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>采用</translation>
    </message>
    <message>
        <source>drawn</source>
        <translation>采样</translation>
    </message>
</context>
<context>
    <name>CaptioningRunner</name>
    <message>
        <source>No caption came back. Try again.</source>
        <translation>没有得到描述，请重试。</translation>
    </message>
</context>
<context>
    <name>CardText</name>
    <message>
        <source>Model card</source>
        <translation>模型卡片</translation>
    </message>
</context>
<context>
    <name>Collecting</name>
    <message numerus="yes">
        <source>%Ln corrected caption(s) are in {name} now.</source>
        <translation>
            <numerusform>{name} 中现有 %Ln 条改过的描述。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photograph(s) cannot be named in a captions file and are left out.</source>
        <translation>
            <numerusform>有 %Ln 张图片的名称无法写入描述文件，已略去。</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a new folder, or one with corrected captions</source>
        <translation>选择一个新文件夹，或已有改过的描述的文件夹</translation>
    </message>
    <message>
        <source>Collect</source>
        <translation>收集</translation>
    </message>
</context>
<context>
    <name>CollectionPanel</name>
    <message numerus="yes">
        <source>%Ln photograph(s)</source>
        <translation>
            <numerusform>%Ln 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>As added</source>
        <translation>按添加顺序</translation>
    </message>
    <message>
        <source>By confidence, least sure first</source>
        <translation>按置信度，最不确定的在前</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <source>By state</source>
        <translation>按状态</translation>
    </message>
    <message>
        <source>Caption next</source>
        <translation>接着描述这张</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Filter by name or caption</source>
        <translation>按名称或描述筛选</translation>
    </message>
    <message>
        <source>Filter by state</source>
        <translation>按状态筛选</translation>
    </message>
    <message>
        <source>No photograph matches the filter.</source>
        <translation>没有符合筛选条件的图片。</translation>
    </message>
    <message>
        <source>Photographs</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>从列表移除</translation>
    </message>
    <message>
        <source>Reverse</source>
        <translation>倒序</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Sort</source>
        <translation>排序</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message numerus="yes">
        <source>{shown} of %Ln photograph(s)</source>
        <translation>
            <numerusform>{shown} / %Ln 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>{state} ({count})</source>
        <translation>{state}（{count}）</translation>
    </message>
</context>
<context>
    <name>Collector</name>
    <message numerus="yes">
        <source>%Ln more file(s) were left out.</source>
        <translation>
            <numerusform>另有 %Ln 个文件未加入。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>查找命令</translation>
    </message>
    <message>
        <source>No command fits.</source>
        <translation>没有匹配的命令。</translation>
    </message>
    <message>
        <source>What do you want to do</source>
        <translation>想做什么</translation>
    </message>
</context>
<context>
    <name>CommandView</name>
    <message>
        <source>A run that was started here shows its command.</source>
        <translation>在此处开始的训练会显示其命令。</translation>
    </message>
    <message>
        <source>Command that repeats this run</source>
        <translation>重现此次训练的命令</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>In a terminal, this repeats the run.</source>
        <translation>在终端中运行即可重现此次训练。</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message numerus="yes">
        <source>Add %n photograph(s)</source>
        <translation>
            <numerusform>添加 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Change decoding</source>
        <translation>更改解码设置</translation>
    </message>
    <message>
        <source>Change overlay</source>
        <translation>更改叠加层</translation>
    </message>
    <message>
        <source>Edit caption</source>
        <translation>编辑描述</translation>
    </message>
    <message numerus="yes">
        <source>Remove %n photograph(s)</source>
        <translation>
            <numerusform>移除 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Replace caption</source>
        <translation>替换描述</translation>
    </message>
</context>
<context>
    <name>CompareSide</name>
    <message>
        <source>Captioning…</source>
        <translation>正在描述…</translation>
    </message>
    <message>
        <source>Photograph with the attention of {name}</source>
        <translation>图片与 {name} 的注意力</translation>
    </message>
    <message>
        <source>Words of {name}</source>
        <translation>{name} 的词</translation>
    </message>
    <message>
        <source>log p {value}</source>
        <translation>log p {value}</translation>
    </message>
    <message>
        <source>{percent} per word</source>
        <translation>平均每词 {percent}</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Back to all models</source>
        <translation>返回所有模型</translation>
    </message>
    <message>
        <source>Both say the same</source>
        <translation>两者说法相同</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message numerus="yes">
        <source>Different in %n place(s)</source>
        <translation>
            <numerusform>有 %n 处不同</numerusform>
        </translation>
    </message>
    <message>
        <source>Drop a photograph here to have it captioned by both models</source>
        <translation>将图片拖放到这里，由两个模型分别描述</translation>
    </message>
    <message>
        <source>Next photograph</source>
        <translation>下一张图片</translation>
    </message>
    <message>
        <source>Open photograph…</source>
        <translation>打开图片…</translation>
    </message>
    <message>
        <source>Previous photograph</source>
        <translation>上一张图片</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{left} on the left, {right} on the right</source>
        <translation>左：{left}；右：{right}</translation>
    </message>
</context>
<context>
    <name>CurveChart</name>
    <message>
        <source>Epoch {epoch}</source>
        <translation>第 {epoch} 轮</translation>
    </message>
</context>
<context>
    <name>CurvesPanel</name>
    <message>
        <source>Bringing in the curves…</source>
        <translation>正在载入曲线…</translation>
    </message>
    <message>
        <source>Curves appear here with the first steps.</source>
        <translation>训练开始几步后，曲线会显示在这里。</translation>
    </message>
    <message>
        <source>Curves cannot be drawn: {reason}. Install pyqtgraph to see them.</source>
        <translation>无法绘制曲线：{reason}。请安装 pyqtgraph 后查看。</translation>
    </message>
    <message>
        <source>Save as a picture…</source>
        <translation>保存为图片…</translation>
    </message>
    <message>
        <source>Save the curves</source>
        <translation>保存曲线</translation>
    </message>
    <message>
        <source>Save the numbers…</source>
        <translation>保存数值…</translation>
    </message>
    <message>
        <source>Scores appear here after the first epoch whose captions are compared.</source>
        <translation>首次对某一轮的描述评分后，得分会显示在这里。</translation>
    </message>
    <message>
        <source>Second stage: whole captions</source>
        <translation>第二阶段：整句描述</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>Smoothing: training curves drawn calmer, their values faintly behind</source>
        <translation>平滑：训练曲线画得更平缓，原始数值以浅色显示在后面</translation>
    </message>
    <message>
        <source>There is nothing of this to draw yet.</source>
        <translation>此项还没有可绘制的数据。</translation>
    </message>
    <message>
        <source>{quantity} over epochs</source>
        <translation>{quantity}随轮次的变化</translation>
    </message>
</context>
<context>
    <name>DataPanel</name>
    <message numerus="yes">
        <source>%Ln could not be read</source>
        <translation>
            <numerusform>%Ln 张无法读取</numerusform>
        </translation>
    </message>
    <message>
        <source>Captions</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Choose data</source>
        <translation>选择数据</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Dev features</source>
        <translation>验证集特征</translation>
    </message>
    <message>
        <source>Dev split</source>
        <translation>验证集</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>特征</translation>
    </message>
    <message>
        <source>Files…</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>None chosen yet. Drop files or a folder anywhere on this page.</source>
        <translation>尚未选择。可将文件或文件夹拖放到本页任意位置。</translation>
    </message>
    <message>
        <source>Photographs</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Progress of making features</source>
        <translation>特征提取进度</translation>
    </message>
    <message>
        <source>Stop making features</source>
        <translation>停止提取特征</translation>
    </message>
    <message>
        <source>These photographs have no features yet. They are made once, by the encoder of the bundled model.</source>
        <translation>这些图片还没有特征。特征由内置模型的编码器提取，只需一次。</translation>
    </message>
    <message>
        <source>These photographs have no features yet. They are made once, by the encoder of {name}.</source>
        <translation>这些图片还没有特征。将由 {name} 的编码器提取一次。</translation>
    </message>
    <message>
        <source>These photographs have no features yet. They are made once, by {encoder}.</source>
        <translation>这些图片还没有特征。特征只需提取一次，由 {encoder} 提取。</translation>
    </message>
    <message>
        <source>Training split</source>
        <translation>训练集</translation>
    </message>
    <message>
        <source>{done} of {images} photographs, {rate} a second</source>
        <translation>{done} / {images} 张图片，每秒 {rate} 张</translation>
    </message>
</context>
<context>
    <name>DecodingPanel</name>
    <message>
        <source>Back to what the model recommends</source>
        <translation>恢复模型推荐的设置</translation>
    </message>
    <message>
        <source>Beam size</source>
        <translation>束宽</translation>
    </message>
    <message>
        <source>Below 1 likely words are drawn even more often, above 1 unlikely ones</source>
        <translation>小于 1 时更偏向可能的词，大于 1 时更偏向不太可能的词</translation>
    </message>
    <message>
        <source>Captions are cut after so many words</source>
        <translation>描述超过此词数即截断</translation>
    </message>
    <message>
        <source>Captions drawn</source>
        <translation>采样条数</translation>
    </message>
    <message>
        <source>Careful</source>
        <translation>仔细</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>自定义</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Detailed</source>
        <translation>详细</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>Draw among so many of the likeliest words; 0 among all</source>
        <translation>只从最可能的若干词中采样；0 表示全部</translation>
    </message>
    <message>
        <source>Draw among the likeliest words that together have this probability; 1 among all</source>
        <translation>只从累计概率达到此值的最可能的词中采样；1 表示全部</translation>
    </message>
    <message>
        <source>Draw each word at random, likely words more often</source>
        <translation>逐词随机采样，可能的词更常出现</translation>
    </message>
    <message>
        <source>Greater values favour longer captions; 0 ranks them by probability alone</source>
        <translation>值越大越偏向长描述；0 表示只按概率排序</translation>
    </message>
    <message>
        <source>How many captions are drawn; the likeliest is shown</source>
        <translation>采样多少条描述；显示其中最可能的一条</translation>
    </message>
    <message>
        <source>How many unfinished captions are kept while searching; 1 takes the likeliest word each time</source>
        <translation>搜索时保留多少条未完成的描述；1 表示每步取最可能的词</translation>
    </message>
    <message>
        <source>Least words</source>
        <translation>最少词数</translation>
    </message>
    <message>
        <source>Length penalty</source>
        <translation>长度惩罚</translation>
    </message>
    <message>
        <source>Look for the most likely caption</source>
        <translation>寻找最可能的描述</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Most words</source>
        <translation>最多词数</translation>
    </message>
    <message>
        <source>No caption has fewer words</source>
        <translation>描述不会少于此词数</translation>
    </message>
    <message>
        <source>Plain</source>
        <translation>普通</translation>
    </message>
    <message>
        <source>Recommended</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Short</source>
        <translation>简短</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>Top k</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Varied</source>
        <translation>多样</translation>
    </message>
    <message>
        <source>Ways of choosing words that have a name</source>
        <translation>选词方式的预设</translation>
    </message>
    <message>
        <source>Word by word</source>
        <translation>逐词贪心</translation>
    </message>
</context>
<context>
    <name>DropInvitation</name>
    <message>
        <source>Choose a folder…</source>
        <translation>选择文件夹…</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Drop a data set here</source>
        <translation>将数据集拖放到这里</translation>
    </message>
    <message>
        <source>Everything stays on this computer.</source>
        <translation>所有数据都留在本机。</translation>
    </message>
    <message>
        <source>A folder of photographs with a file of captions (Karpathy, COCO, Flickr and others), or features with captions.</source>
        <translation>可以是图片文件夹加一个描述文件（Karpathy、COCO、Flickr 等），也可以是带描述的特征。</translation>
    </message>
</context>
<context>
    <name>DropOverlay</name>
    <message numerus="yes">
        <source>Drop to add %Ln item(s)</source>
        <translation>
            <numerusform>松开以添加 %Ln 项</numerusform>
        </translation>
    </message>
    <message>
        <source>This is not on this computer</source>
        <translation>此内容不在本机上</translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Caption all of them</source>
        <translation>全部描述</translation>
    </message>
    <message>
        <source>Drop photographs or a folder here</source>
        <translation>将图片或文件夹拖放到这里</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Or begin with one of these</source>
        <translation>或从这些示例开始</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message>
        <source>They stay on this computer.</source>
        <translation>图片始终留在本机。</translation>
    </message>
</context>
<context>
    <name>ErrorDialog</name>
    <message>
        <source>Copy details</source>
        <translation>复制详细信息</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Hide details</source>
        <translation>隐藏详细信息</translation>
    </message>
    <message>
        <source>Show details</source>
        <translation>显示详细信息</translation>
    </message>
    <message>
        <source>Something went wrong</source>
        <translation>出现问题</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>Animation</source>
        <translation>动画</translation>
    </message>
    <message>
        <source>COCO results</source>
        <translation>COCO 结果</translation>
    </message>
    <message>
        <source>Export: {kind}</source>
        <translation>导出：{kind}</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>配图</translation>
    </message>
    <message>
        <source>Replace text files that are there already</source>
        <translation>替换已有的文本文件</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Text files</source>
        <translation>文本文件</translation>
    </message>
    <message>
        <source>Web page</source>
        <translation>网页</translation>
    </message>
    <message numerus="yes">
        <source>Write a text file beside each of %n photograph(s)?</source>
        <translation>
            <numerusform>在 %n 张图片旁各写一个文本文件？</numerusform>
        </translation>
    </message>
    <message>
        <source>Write text files</source>
        <translation>写入文本文件</translation>
    </message>
    <message>
        <source>beach.jpg gets beach.txt in the same folder.</source>
        <translation>例如，beach.jpg 会在同一文件夹中得到 beach.txt。</translation>
    </message>
    <message>
        <source>captions</source>
        <translation>描述</translation>
    </message>
</context>
<context>
    <name>FeatureOptions</name>
    <message>
        <source>Choose a .safetensors file of its weights. Those of torchvision are fetched on the command line: captioner extract --weights official.</source>
        <translation>请选择其权重的 .safetensors 文件。torchvision 的权重可用命令行获取：captioner extract --weights official。</translation>
    </message>
    <message>
        <source>Choose a file of weights</source>
        <translation>选择权重文件</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>Extra views</source>
        <translation>额外视图</translation>
    </message>
    <message>
        <source>Mirrored and cropped photographs, so that the model learns less by heart. Each view takes as much time and disk space again.</source>
        <translation>镜像和裁剪过的图片，让模型少些死记硬背。每个视图都要再花同样多的时间和磁盘空间。</translation>
    </message>
    <message>
        <source>No file chosen</source>
        <translation>未选择文件</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>The model&apos;s own</source>
        <translation>模型自带</translation>
    </message>
    <message>
        <source>These features do not say what made them. Once the encoder is named, a model that learns from them captions photographs, not such features alone.</source>
        <translation>这些特征没有说明由什么提取。指明编码器后，用它们训练的模型就能描述图片，而不只是描述这类特征。</translation>
    </message>
    <message>
        <source>These features were made by {encoder}. A model that learns from them needs its weights to caption photographs.</source>
        <translation>这些特征由 {encoder} 提取。用它们训练的模型需要它的权重才能描述图片。</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
</context>
<context>
    <name>FileRow</name>
    <message>
        <source>Take {name} out</source>
        <translation>移除 {name}</translation>
    </message>
</context>
<context>
    <name>Furnishing</name>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Train on them</source>
        <translation>用它们训练</translation>
    </message>
    <message>
        <source>{name} writes the captions from now on.</source>
        <translation>今后由 {name} 生成描述。</translation>
    </message>
</context>
<context>
    <name>Gallery</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Caption one photograph with both models</source>
        <translation>用两个模型描述同一张图片</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>从文件…</translation>
    </message>
    <message>
        <source>From a folder…</source>
        <translation>从文件夹…</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Install a model package; it can also be dropped here</source>
        <translation>安装模型包；也可以直接拖放到这里</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>正在查找模型…</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Packages that cannot be read</source>
        <translation>无法读取的模型包</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Tick one more model to compare the two.</source>
        <translation>再勾选一个模型即可比较。</translation>
    </message>
</context>
<context>
    <name>ImageState</name>
    <message>
        <source>Captioning</source>
        <translation>描述中</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Edited</source>
        <translation>已编辑</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
</context>
<context>
    <name>Incoming</name>
    <message>
        <source>There is no photograph in it. Copy a picture, a file or a folder.</source>
        <translation>其中没有图片。请复制图片、文件或文件夹。</translation>
    </message>
    <message>
        <source>This is text, not a photograph. Copy a picture, a file or a folder.</source>
        <translation>这是文本，不是图片。请复制图片、文件或文件夹。</translation>
    </message>
    <message>
        <source>{what} is not on this computer. Download it first, then drop the file.</source>
        <translation>{what} 不在本机上。请先下载，再拖放文件。</translation>
    </message>
</context>
<context>
    <name>LegendBar</name>
    <message>
        <source>Each word on its own scale</source>
        <translation>各词单独标尺</translation>
    </message>
    <message>
        <source>From 0 to {full}. {notes}.</source>
        <translation>从 0 到 {full}。{notes}。</translation>
    </message>
    <message>
        <source>One scale for all words</source>
        <translation>所有词共用标尺</translation>
    </message>
    <message>
        <source>Scale of attention</source>
        <translation>注意力标尺</translation>
    </message>
    <message>
        <source>cells as they are</source>
        <translation>原始网格</translation>
    </message>
    <message>
        <source>hatched: not shown to the model</source>
        <translation>斜线部分：模型没有看到</translation>
    </message>
    <message>
        <source>smoothed for display</source>
        <translation>为显示而平滑</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>Looking for models…</source>
        <translation>正在查找模型…</translation>
    </message>
    <message>
        <source>The folder cannot be shown here: {path}</source>
        <translation>无法在此显示文件夹：{path}</translation>
    </message>
    <message>
        <source>There are no models. Import one to begin.</source>
        <translation>还没有模型。请先导入一个。</translation>
    </message>
    <message>
        <source>There is only one model. Import another to compare the two.</source>
        <translation>只有一个模型。再导入一个即可比较。</translation>
    </message>
    <message>
        <source>Tick two models to compare them.</source>
        <translation>请勾选两个模型进行比较。</translation>
    </message>
</context>
<context>
    <name>LogView</name>
    <message>
        <source>Log of the run</source>
        <translation>训练日志</translation>
    </message>
    <message>
        <source>What the run notes down appears here.</source>
        <translation>训练日志会显示在这里。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Caption</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>正在查找模型…</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Nothing opened yet</source>
        <translation>尚未打开任何图片</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡片</translation>
    </message>
    <message>
        <source>More for {name}</source>
        <translation>{name} 的更多操作</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
</context>
<context>
    <name>ModelDialogs</name>
    <message>
        <source>Export {name}</source>
        <translation>导出 {name}</translation>
    </message>
    <message>
        <source>Import a model package</source>
        <translation>导入模型包</translation>
    </message>
    <message>
        <source>It is deleted from this computer and frees {size}. To keep a copy, export it first.</source>
        <translation>将从本机删除并释放 {size}。如需保留副本，请先导出。</translation>
    </message>
    <message>
        <source>Model packages (*.zip)</source>
        <translation>模型包 (*.zip)</translation>
    </message>
    <message>
        <source>Open a photograph</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove {name}?</source>
        <translation>移除 {name}？</translation>
    </message>
</context>
<context>
    <name>ModelFacts</name>
    <message numerus="yes">
        <source>%Ln word(s)</source>
        <translation>
            <numerusform>%Ln 个词</numerusform>
        </translation>
    </message>
    <message>
        <source>Comes with the program</source>
        <translation>随程序附带</translation>
    </message>
    <message>
        <source>Decoder</source>
        <translation>解码器</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>Installed by you</source>
        <translation>由你安装</translation>
    </message>
    <message>
        <source>It captions features, not photographs. Use it on the command line: captioner caption --features.</source>
        <translation>它描述的是特征，而不是图片。请在命令行中使用：captioner caption --features。</translation>
    </message>
    <message>
        <source>Learned from</source>
        <translation>训练数据</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>局限</translation>
    </message>
    <message>
        <source>None: features only</source>
        <translation>无：仅限特征</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>features only</source>
        <translation>仅限特征</translation>
    </message>
    <message>
        <source>{rows} × {columns} places</source>
        <translation>{rows} × {columns} 格</translation>
    </message>
</context>
<context>
    <name>ModelJobs</name>
    <message>
        <source>Exporting {name}…</source>
        <translation>正在导出 {name}…</translation>
    </message>
    <message>
        <source>Importing {name}…</source>
        <translation>正在导入 {name}…</translation>
    </message>
    <message>
        <source>One thing at a time: wait until the last one is done, or cancel it.</source>
        <translation>一次只能做一件事：请等待上一项完成，或先取消它。</translation>
    </message>
    <message>
        <source>Removing {name}…</source>
        <translation>正在移除 {name}…</translation>
    </message>
    <message>
        <source>{name} was checked and installed.</source>
        <translation>{name} 已校验并安装。</translation>
    </message>
    <message>
        <source>{name} was removed.</source>
        <translation>{name} 已移除。</translation>
    </message>
    <message>
        <source>{name} was written.</source>
        <translation>{name} 已写入。</translation>
    </message>
</context>
<context>
    <name>ModelView</name>
    <message>
        <source>*This model came without a card: what it learned from and what it cannot do is not known.*</source>
        <translation>*此模型没有附带卡片：它的训练数据和局限均不明。*</translation>
    </message>
    <message>
        <source>Back to all models</source>
        <translation>返回所有模型</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>&lt;1&#xa0;%</source>
        <translation>&lt;1&#xa0;%</translation>
    </message>
    <message>
        <source>{percent}&#xa0;%</source>
        <translation>{percent}&#xa0;%</translation>
    </message>
</context>
<context>
    <name>OverlayPanel</name>
    <message>
        <source>Blend the cells into each other for the eye; off shows the cells that the model really weighed</source>
        <translation>让网格相互过渡以便观看；关闭后显示模型实际加权的网格</translation>
    </message>
    <message>
        <source>Colour the photograph where the word looked</source>
        <translation>为该词注意的地方着色</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>配色</translation>
    </message>
    <message>
        <source>Colours from no weight to full weight</source>
        <translation>从零权重到最大权重的配色</translation>
    </message>
    <message>
        <source>Darken the photograph where the word did not look</source>
        <translation>压暗该词没有注意的地方</translation>
    </message>
    <message>
        <source>Draw lines around where the word looked</source>
        <translation>勾勒该词注意的地方</translation>
    </message>
    <message>
        <source>Heat</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>How much of the photograph the overlay hides where it is strongest</source>
        <translation>叠加层在最强处遮住图片的程度</translation>
    </message>
    <message>
        <source>Kind of overlay</source>
        <translation>叠加层类型</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>轮廓</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>叠加层</translation>
    </message>
    <message>
        <source>Same scale for all words</source>
        <translation>所有词共用标尺</translation>
    </message>
    <message>
        <source>Smooth (display only)</source>
        <translation>平滑（仅显示）</translation>
    </message>
    <message>
        <source>Spotlight</source>
        <translation>聚光</translation>
    </message>
    <message>
        <source>Strong and weak words look so; off shows each word at its own full strength</source>
        <translation>注意力的强弱如实显示；关闭后每个词都按自身最大值显示</translation>
    </message>
</context>
<context>
    <name>PageCommands</name>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>The folder cannot be shown here: {path}</source>
        <translation>无法在此显示文件夹：{path}</translation>
    </message>
</context>
<context>
    <name>PageSwitcher</name>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
</context>
<context>
    <name>PhotographCanvas</name>
    <message>
        <source>Photograph</source>
        <translation>图片</translation>
    </message>
</context>
<context>
    <name>PlaceBubble</name>
    <message>
        <source>Words that looked here</source>
        <translation>看向这里的词</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>bottom centre</source>
        <translation>下方居中</translation>
    </message>
    <message>
        <source>bottom left</source>
        <translation>左下</translation>
    </message>
    <message>
        <source>bottom right</source>
        <translation>右下</translation>
    </message>
    <message>
        <source>centre</source>
        <translation>中央</translation>
    </message>
    <message>
        <source>centre left</source>
        <translation>左侧居中</translation>
    </message>
    <message>
        <source>centre right</source>
        <translation>右侧居中</translation>
    </message>
    <message>
        <source>top centre</source>
        <translation>上方居中</translation>
    </message>
    <message>
        <source>top left</source>
        <translation>左上</translation>
    </message>
    <message>
        <source>top right</source>
        <translation>右上</translation>
    </message>
    <message>
        <source>{place}, {share} %</source>
        <translation>{place}，{share}%</translation>
    </message>
</context>
<context>
    <name>PlayerBar</name>
    <message>
        <source>Go from word to word</source>
        <translation>逐词播放</translation>
    </message>
    <message>
        <source>Go through the words</source>
        <translation>浏览各词</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>{position} of {count}</source>
        <translation>{position} / {count}</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Another language shows when Captioner is started again.</source>
        <translation>更改语言将在重新启动 Captioner 后生效。</translation>
    </message>
    <message>
        <source>Ask before a model is removed</source>
        <translation>移除模型前先询问</translation>
    </message>
    <message>
        <source>At the start</source>
        <translation>启动时</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Open the photographs of the last time</source>
        <translation>打开上次的图片</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>偏好设置</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
</context>
<context>
    <name>Preparation</name>
    <message numerus="yes">
        <source>%Ln photograph(s) could not be read and are left out.</source>
        <translation>
            <numerusform>%Ln 张图片无法读取，未加入。</numerusform>
        </translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>There is nothing in {name} that a model could learn from.</source>
        <translation>{name} 中没有可供模型学习的内容。</translation>
    </message>
</context>
<context>
    <name>PreparationView</name>
    <message>
        <source>What was found in the data</source>
        <translation>数据检查结果</translation>
    </message>
</context>
<context>
    <name>ProgressStrip</name>
    <message numerus="yes">
        <source>%Ln failed</source>
        <translation>
            <numerusform>%Ln 张失败</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Progress of captioning</source>
        <translation>描述进度</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} / {total}</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min left</source>
        <translation>剩余 {hours} 小时 {minutes} 分钟</translation>
    </message>
    <message>
        <source>{minutes} min left</source>
        <translation>剩余 {minutes} 分钟</translation>
    </message>
    <message>
        <source>{number} images/s</source>
        <translation>{number} 张/秒</translation>
    </message>
    <message>
        <source>{seconds} s for each</source>
        <translation>每张 {seconds} 秒</translation>
    </message>
    <message>
        <source>{seconds} s left</source>
        <translation>剩余 {seconds} 秒</translation>
    </message>
</context>
<context>
    <name>ReportView</name>
    <message numerus="yes">
        <source>%Ln image(s)</source>
        <translation>
            <numerusform>%Ln 张图片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln thing(s) to know before</source>
        <translation>
            <numerusform>有 %Ln 点需事先了解</numerusform>
        </translation>
    </message>
    <message>
        <source>A model can learn from this.</source>
        <translation>模型可以从这些数据中学习。</translation>
    </message>
    <message>
        <source>A model cannot learn from this yet.</source>
        <translation>模型还不能从这些数据中学习。</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>最佳</translation>
    </message>
    <message>
        <source>Do these belong together?</source>
        <translation>这些图片和描述对得上吗？</translation>
    </message>
    <message>
        <source>Features of these images have to be made first.</source>
        <translation>需要先提取这些图片的特征。</translation>
    </message>
    <message>
        <source>Features of these photographs have to be made first.</source>
        <translation>需要先为这些图片提取特征。</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Quick</source>
        <translation>快速</translation>
    </message>
    <message>
        <source>There are no features among these files. Add some, or photographs.</source>
        <translation>这些文件中没有特征。请添加特征或图片。</translation>
    </message>
    <message>
        <source>These captions do not name photographs. Add features, or a captions file that does.</source>
        <translation>这些描述没有写明图片名称。请添加特征，或写明图片名称的描述文件。</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>about {time}</source>
        <translation>约 {time}</translation>
    </message>
    <message>
        <source>about {time} with {preset}</source>
        <translation>用“{preset}”约需 {time}</translation>
    </message>
    <message>
        <source>{memory} beyond the engine&apos;s own</source>
        <translation>引擎自身之外 {memory}</translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>另有 %Ln 条</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunDisplay</name>
    <message numerus="yes">
        <source>%Ln epoch(s)</source>
        <translation>
            <numerusform>%Ln 轮</numerusform>
        </translation>
    </message>
    <message>
        <source>Best: epoch {epoch}</source>
        <translation>最佳：第 {epoch} 轮</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>Epoch {place}</source>
        <translation>第 {place} 轮</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>It broke off while its data was being read, so nothing of it was kept. Start it again.</source>
        <translation>它在读取数据时中断，没有保留任何内容。请重新开始。</translation>
    </message>
    <message>
        <source>It broke off without a word. The log may say why.</source>
        <translation>训练意外中断，没有任何提示。日志中可能有原因。</translation>
    </message>
    <message numerus="yes">
        <source>It ended as its patience asks: dev loss had not fallen for %Ln epoch(s).</source>
        <translation>
            <numerusform>按耐心设置结束：验证损失已有 %Ln 轮没有下降。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It ended as its patience asks: dev {score} had not risen for %Ln epoch(s).</source>
        <translation>
            <numerusform>按耐心设置结束：验证集的 {score} 已有 %Ln 轮没有提高。</numerusform>
        </translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Reading data</source>
        <translation>正在读取数据</translation>
    </message>
    <message>
        <source>Second stage</source>
        <translation>第二阶段</translation>
    </message>
    <message>
        <source>Step {place}</source>
        <translation>第 {place} 步</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>The model is ready.</source>
        <translation>模型已就绪。</translation>
    </message>
    <message>
        <source>There are no dev photographs, whose captions could be shown here.</source>
        <translation>没有验证图片，因此这里没有描述可显示。</translation>
    </message>
    <message>
        <source>There is not enough memory for batches of this size. Resume goes on with batches of {size}; closing other programs helps as well.</source>
        <translation>内存不足以处理这么大的批次。点“继续”将以每批 {size} 的大小继续训练；关闭其他程序也有帮助。</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练中</translation>
    </message>
    <message>
        <source>dev loss</source>
        <translation>验证损失</translation>
    </message>
    <message>
        <source>{done} of {all}</source>
        <translation>{done} / {all}</translation>
    </message>
    <message>
        <source>{rate} captions/s</source>
        <translation>{rate} 条描述/秒</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>剩余 {time}</translation>
    </message>
</context>
<context>
    <name>RunHeader</name>
    <message>
        <source>Progress of training</source>
        <translation>训练进度</translation>
    </message>
</context>
<context>
    <name>RunsPanel</name>
    <message>
        <source>Add a run from a folder…</source>
        <translation>从文件夹添加训练…</translation>
    </message>
    <message>
        <source>Best score</source>
        <translation>最高得分</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>Each training is kept here, to be compared, resumed or extended.</source>
        <translation>每次训练都保留在这里，可供比较、继续或延长。</translation>
    </message>
    <message>
        <source>List by</source>
        <translation>排序方式</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>最新在前</translation>
    </message>
    <message>
        <source>Prepare another run</source>
        <translation>准备新的训练</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>训练记录</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Use its model</source>
        <translation>使用其模型</translation>
    </message>
    <message>
        <source>compared</source>
        <translation>比较中</translation>
    </message>
</context>
<context>
    <name>SampleButton</name>
    <message>
        <source>Caption the sample {name}</source>
        <translation>描述示例 {name}</translation>
    </message>
</context>
<context>
    <name>SampleCard</name>
    <message>
        <source>No caption in this epoch</source>
        <translation>本轮没有描述</translation>
    </message>
    <message>
        <source>{name}: {caption}</source>
        <translation>{name}：{caption}</translation>
    </message>
</context>
<context>
    <name>SamplePicture</name>
    <message>
        <source>Press to see it larger</source>
        <translation>点按可放大查看</translation>
    </message>
</context>
<context>
    <name>SampleView</name>
    <message>
        <source>Epoch whose captions are shown</source>
        <translation>显示哪一轮的描述</translation>
    </message>
    <message>
        <source>Epoch {epoch}</source>
        <translation>第 {epoch} 轮</translation>
    </message>
    <message>
        <source>Next photograph</source>
        <translation>下一张图片</translation>
    </message>
    <message>
        <source>People wrote: {caption}</source>
        <translation>人写的描述：{caption}</translation>
    </message>
    <message>
        <source>Photograph before</source>
        <translation>上一张图片</translation>
    </message>
    <message>
        <source>Photograph {name}</source>
        <translation>图片 {name}</translation>
    </message>
</context>
<context>
    <name>SampleWords</name>
    <message>
        <source>Word {number} of {count}: {word}</source>
        <translation>第 {number} 个词，共 {count} 个：{word}</translation>
    </message>
</context>
<context>
    <name>SamplesStrip</name>
    <message>
        <source>Captions of sample photographs</source>
        <translation>示例图片的描述</translation>
    </message>
    <message>
        <source>After each epoch, captions of the same few photographs appear here.</source>
        <translation>每轮结束后，这里会显示同样几张图片的描述。</translation>
    </message>
    <message>
        <source>Epoch whose captions are shown</source>
        <translation>显示哪一轮的描述</translation>
    </message>
    <message>
        <source>Epoch {epoch}</source>
        <translation>第 {epoch} 轮</translation>
    </message>
</context>
<context>
    <name>SeedRow</name>
    <message>
        <source>Draw another seed</source>
        <translation>换一个种子</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>The same seed draws the same words again</source>
        <translation>种子相同，采样的词就相同</translation>
    </message>
</context>
<context>
    <name>SessionKeeper</name>
    <message>
        <source>Some photographs of the last time could not be restored. A copy of the list was kept.</source>
        <translation>上次的部分图片未能恢复。已保留列表的副本。</translation>
    </message>
</context>
<context>
    <name>SettingsPanel</name>
    <message>
        <source>All settings</source>
        <translation>全部设置</translation>
    </message>
    <message>
        <source>Back to the values of the preset</source>
        <translation>恢复预设的值</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>最佳</translation>
    </message>
    <message>
        <source>Continue from</source>
        <translation>从此模型继续</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>It keeps its words and its kind of decoder; words that it lacks are added.</source>
        <translation>保留它的词表和解码器类型；缺少的词会加入。</translation>
    </message>
    <message>
        <source>Name of the model</source>
        <translation>模型名称</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>不使用模型</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Quick</source>
        <translation>快速</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message numerus="yes">
        <source>Undo %Ln change(s)</source>
        <translation>
            <numerusform>撤销 %Ln 处更改</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SettingsStore</name>
    <message>
        <source>The settings are of a newer Captioner, so defaults are used. Kept for you: {kept}.</source>
        <translation>设置来自更新版本的 Captioner，因此使用默认设置。原设置保留在：{kept}。</translation>
    </message>
    <message>
        <source>The settings cannot be read, so defaults are used. Check who may read {path}.</source>
        <translation>无法读取设置，因此使用默认设置。请检查 {path} 的读取权限。</translation>
    </message>
    <message>
        <source>The settings were damaged, so defaults are used. Kept for you: {kept}.</source>
        <translation>设置已损坏，因此使用默认设置。原设置保留在：{kept}。</translation>
    </message>
    <message>
        <source>no copy</source>
        <translation>无副本</translation>
    </message>
</context>
<context>
    <name>ShellCommands</name>
    <message>
        <source>Captioner speaks this language when it is started again.</source>
        <translation>重新启动 Captioner 后将使用此语言。</translation>
    </message>
    <message>
        <source>Diagnostics saved in {name}.</source>
        <translation>诊断信息已保存到 {name}。</translation>
    </message>
    <message>
        <source>Save diagnostics</source>
        <translation>保存诊断信息</translation>
    </message>
    <message>
        <source>Zip files (*.zip)</source>
        <translation>Zip 文件 (*.zip)</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Find a command or a key</source>
        <translation>查找命令或按键</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
</context>
<context>
    <name>Teaching</name>
    <message>
        <source>{name} writes the captions already.</source>
        <translation>{name} 已在生成描述。</translation>
    </message>
</context>
<context>
    <name>ToastCard</name>
    <message>
        <source>Close this note</source>
        <translation>关闭此通知</translation>
    </message>
</context>
<context>
    <name>TrainController</name>
    <message>
        <source>Check it next, with the large button, or drop more here.</source>
        <translation>接下来请用大按钮检查，或把更多文件拖到这里。</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Data has been chosen</source>
        <translation>已选择数据</translation>
    </message>
    <message>
        <source>Features are being made</source>
        <translation>正在提取特征</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>正在使用</translation>
    </message>
    <message>
        <source>It needs something to go with it. Drop more here, or choose it.</source>
        <translation>还缺少与之配套的文件。请拖到这里，或进行选择。</translation>
    </message>
    <message>
        <source>Make features</source>
        <translation>提取特征</translation>
    </message>
    <message>
        <source>Make features of it next, with the large button, or drop more here.</source>
        <translation>接下来请用大按钮提取特征，或把更多文件拖到这里。</translation>
    </message>
    <message>
        <source>Making features…</source>
        <translation>正在提取特征…</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>图片 (*.png)</translation>
    </message>
    <message>
        <source>Save the curves</source>
        <translation>保存曲线</translation>
    </message>
    <message>
        <source>Save the numbers</source>
        <translation>保存数值</translation>
    </message>
    <message>
        <source>Saved as {name}.</source>
        <translation>已保存为 {name}。</translation>
    </message>
    <message>
        <source>See under Data what stands in the way.</source>
        <translation>请在“数据”中查看是什么妨碍了训练。</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>表格 (*.csv)</translation>
    </message>
    <message>
        <source>The data is being checked</source>
        <translation>正在检查数据</translation>
    </message>
    <message>
        <source>The folder cannot be shown here: {path}</source>
        <translation>无法在此显示文件夹：{path}</translation>
    </message>
    <message>
        <source>They say what is on each photograph, in numbers.</source>
        <translation>特征用数字说明每张图片上有什么。</translation>
    </message>
    <message>
        <source>What was found in it appears here.</source>
        <translation>检查结果会显示在这里。</translation>
    </message>
    <message>
        <source>With so few photographs none is set apart to choose the best epoch by, so the last one is kept.</source>
        <translation>图片太少，没有留出用来选择最佳轮次的图片，因此保留最后一轮。</translation>
    </message>
    <message>
        <source>{name} has been trained. Its model can be used now.</source>
        <translation>{name} 已训练完成，现在可以使用其模型。</translation>
    </message>
    <message>
        <source>{name} has been trained. Its model captions features.</source>
        <translation>{name} 已训练完成。它的模型描述的是特征。</translation>
    </message>
</context>
<context>
    <name>TrainPage</name>
    <message>
        <source>Below the curves</source>
        <translation>曲线下方</translation>
    </message>
    <message>
        <source>Captions</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>The command that repeats this run</source>
        <translation>重现此次训练的命令</translation>
    </message>
    <message>
        <source>The same photographs after every epoch</source>
        <translation>每轮之后对同样几张图片的描述</translation>
    </message>
    <message>
        <source>What the run notes down</source>
        <translation>训练过程的日志</translation>
    </message>
</context>
<context>
    <name>TrainingDialogs</name>
    <message>
        <source>Choose a folder to learn from</source>
        <translation>选择用于训练的文件夹</translation>
    </message>
    <message>
        <source>Choose the files of a data set</source>
        <translation>选择数据集的文件</translation>
    </message>
    <message>
        <source>Choose the folder of a run</source>
        <translation>选择训练的文件夹</translation>
    </message>
    <message>
        <source>Choose the weights of the encoder</source>
        <translation>选择编码器的权重</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the run {name}?</source>
        <translation>删除训练 {name}？</translation>
    </message>
    <message>
        <source>Its folder {path} is deleted with curves, captions and checkpoints, so that it cannot be resumed. A model that you use already stays.</source>
        <translation>其文件夹 {path} 及其中的曲线、描述和检查点都会删除，之后无法继续训练。已在使用的模型会保留。</translation>
    </message>
    <message>
        <source>Weights (*.safetensors)</source>
        <translation>权重 (*.safetensors)</translation>
    </message>
</context>
<context>
    <name>TrainingForm</name>
    <message>
        <source>About a third of an hour for 6,000 photographs on two cores: six passes by word, two on whole captions.</source>
        <translation>两个核心上训练 6,000 张图片约需三分之一小时：逐词六轮，整句两轮。</translation>
    </message>
    <message>
        <source>About an hour for 6,000 photographs on two cores: more than twice as long on whole captions as Good.</source>
        <translation>6,000 张图片在双核上约需一小时：针对整条描述的训练时间是“良好”的两倍多。</translation>
    </message>
    <message>
        <source>About half an hour for 6,000 photographs on two cores: ten passes by word, five on whole captions.</source>
        <translation>两个核心上训练 6,000 张图片约需半小时：逐词十轮，整句五轮。</translation>
    </message>
    <message>
        <source>Above 1 drawn words are bolder, below 1 more cautious.</source>
        <translation>大于 1 时采样的词更大胆，小于 1 时更谨慎。</translation>
    </message>
    <message>
        <source>Adam</source>
        <translation>Adam</translation>
    </message>
    <message>
        <source>AdamW</source>
        <translation>AdamW</translation>
    </message>
    <message>
        <source>All dev photographs are captioned and scored from this epoch on; before it, only a few samples are captioned.</source>
        <translation>从这一轮起为全部验证图片生成描述并评分；在此之前只为少数样例图片生成描述。</translation>
    </message>
    <message>
        <source>Alternatives</source>
        <translation>备选词数</translation>
    </message>
    <message>
        <source>Apple GPU</source>
        <translation>Apple GPU</translation>
    </message>
    <message>
        <source>Attend to words</source>
        <translation>注意前一个词</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>Attention width</source>
        <translation>注意力维度</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>BLEU-4</source>
        <translation>BLEU-4</translation>
    </message>
    <message>
        <source>Basics</source>
        <translation>基本</translation>
    </message>
    <message>
        <source>Beams</source>
        <translation>束宽</translation>
    </message>
    <message>
        <source>CIDEr</source>
        <translation>CIDEr</translation>
    </message>
    <message>
        <source>Captions are cut after so many words before training.</source>
        <translation>训练前，描述超过此词数即截断。</translation>
    </message>
    <message>
        <source>Captions drawn</source>
        <translation>采样条数</translation>
    </message>
    <message>
        <source>Captions per step</source>
        <translation>每步描述数</translation>
    </message>
    <message>
        <source>Captions that are drawn for each photograph; each more costs as much time again.</source>
        <translation>每张图片采样多少条描述；每多一条，就多花一份时间。</translation>
    </message>
    <message>
        <source>Captions that are learned from at once; more of them need more memory and take calmer steps.</source>
        <translation>每步同时学习多少条描述；越多越占内存，步子也越平稳。</translation>
    </message>
    <message>
        <source>Cell</source>
        <translation>循环单元</translation>
    </message>
    <message>
        <source>Chance</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>Choose the best by</source>
        <translation>选优指标</translation>
    </message>
    <message>
        <source>Clip by norm</source>
        <translation>按范数裁剪</translation>
    </message>
    <message>
        <source>Clip by value</source>
        <translation>按值裁剪</translation>
    </message>
    <message>
        <source>Compared with</source>
        <translation>比较对象</translation>
    </message>
    <message>
        <source>Constant</source>
        <translation>恒定</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>Decay epochs</source>
        <translation>衰减轮数</translation>
    </message>
    <message>
        <source>Decay factor</source>
        <translation>衰减系数</translation>
    </message>
    <message>
        <source>Decoder</source>
        <translation>解码器</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Deep output</source>
        <translation>深层输出</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Dropout</source>
        <translation>Dropout</translation>
    </message>
    <message>
        <source>Each number of the gradients is cut at this size; 0 leaves them, and only one way of clipping can be used.</source>
        <translation>梯度的每个数值都以此为上限裁剪；0 表示不裁剪。两种裁剪方式只能用一种。</translation>
    </message>
    <message>
        <source>Embedding width</source>
        <translation>词向量维度</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Epochs from one stair to the next, or without a better score before one.</source>
        <translation>每隔多少轮下降一级，或得分多少轮没有提高才下降一级。</translation>
    </message>
    <message>
        <source>Epochs in which whole captions of the model are scored and the better ones favoured; 0 leaves this out.</source>
        <translation>用多少轮对模型的整条描述评分并偏向较好的；0 表示跳过此阶段。</translation>
    </message>
    <message>
        <source>Epochs of the second stage</source>
        <translation>第二阶段轮数</translation>
    </message>
    <message>
        <source>Errors are traced back through so many words at most; 0 traces them through whole captions.</source>
        <translation>误差最多回传多少个词；0 表示回传整条描述。</translation>
    </message>
    <message>
        <source>Extra views</source>
        <translation>额外视图</translation>
    </message>
    <message>
        <source>Extra views from epoch</source>
        <translation>从第几轮起使用额外视图</translation>
    </message>
    <message>
        <source>Feature width</source>
        <translation>特征维度</translation>
    </message>
    <message>
        <source>Features are brought to this width before attention; 0 leaves them as they are.</source>
        <translation>计算注意力前先把特征投影到此维度；0 表示保持原样。</translation>
    </message>
    <message>
        <source>Fewest words</source>
        <translation>最少词数</translation>
    </message>
    <message>
        <source>First beta</source>
        <translation>第一 β</translation>
    </message>
    <message>
        <source>First epoch to score</source>
        <translation>开始评分的轮次</translation>
    </message>
    <message>
        <source>GRU</source>
        <translation>GRU</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>门控</translation>
    </message>
    <message>
        <source>Gradients longer than this are shortened, so that no step is wild; 0 leaves them.</source>
        <translation>梯度范数超过此值时按比例缩短，以免某一步过大；0 表示不裁剪。</translation>
    </message>
    <message>
        <source>Hard</source>
        <translation>硬</translation>
    </message>
    <message>
        <source>Hard attention: baseline</source>
        <translation>硬注意力：基线</translation>
    </message>
    <message>
        <source>Hard attention: entropy</source>
        <translation>硬注意力：熵</translation>
    </message>
    <message>
        <source>Hard attention: reward</source>
        <translation>硬注意力：奖励</translation>
    </message>
    <message>
        <source>Held out</source>
        <translation>留出比例</translation>
    </message>
    <message>
        <source>How dev captions are written: by a search for likely sentences, or by chance.</source>
        <translation>如何生成验证集的描述：搜索最可能的句子，或随机采样。</translation>
    </message>
    <message>
        <source>How far the weights move in a step at most; too large and the loss climbs, too small and it hardly falls.</source>
        <translation>每步权重最多移动多少；太大损失会上升，太小损失几乎不降。</translation>
    </message>
    <message>
        <source>How far the weights move in a step of the second stage at most.</source>
        <translation>第二阶段每步权重最多移动多少。</translation>
    </message>
    <message>
        <source>How finely numbers are kept; bfloat16 is faster where the device has it, and good enough.</source>
        <translation>数值的精细程度；若设备支持，bfloat16 更快，也足够精确。</translation>
    </message>
    <message>
        <source>How long Adam remembers the direction of earlier steps.</source>
        <translation>Adam 对先前步子的方向记忆多久。</translation>
    </message>
    <message>
        <source>How long Adam remembers the size of earlier gradients.</source>
        <translation>Adam 对先前梯度的大小记忆多久。</translation>
    </message>
    <message>
        <source>How many other words the model offers for each word it writes.</source>
        <translation>每写一个词，模型给出多少个备选词。</translation>
    </message>
    <message>
        <source>How many times the model goes through all captions.</source>
        <translation>模型把所有描述学习多少遍。</translation>
    </message>
    <message>
        <source>How much BLEU counts beside CIDEr; it keeps captions from growing short and odd.</source>
        <translation>除 CIDEr 外 BLEU 所占的权重；可避免描述变得又短又怪。</translation>
    </message>
    <message>
        <source>How much it counts that no word people wrote is missing; it makes captions fuller.</source>
        <translation>人们写过的词不遗漏有多重要；它使描述更完整。</translation>
    </message>
    <message>
        <source>How much of the step before SGD keeps going.</source>
        <translation>SGD 保留上一步多少动量。</translation>
    </message>
    <message>
        <source>How much of the weights from before the second stage is mixed in; half is often best.</source>
        <translation>混入多少第二阶段开始前的权重；一半往往最好。</translation>
    </message>
    <message>
        <source>How much places that led to good words are favoured.</source>
        <translation>对带来好词的位置偏向多少。</translation>
    </message>
    <message>
        <source>How much the model is kept from settling on one place too early.</source>
        <translation>在多大程度上防止模型过早只盯住一处。</translation>
    </message>
    <message>
        <source>How slowly what counts as a good word moves along.</source>
        <translation>好词的评判基线变化得有多慢。</translation>
    </message>
    <message>
        <source>How strongly attention is asked to look at every part of the photograph once.</source>
        <translation>在多大程度上要求注意力把图片各处都看一遍。</translation>
    </message>
    <message>
        <source>How the learning rate falls after its rise: smoothly, in stairs, when scores stand still, or never.</source>
        <translation>学习率升高后如何下降：平滑下降、阶梯下降、得分停滞时下降，或保持不变。</translation>
    </message>
    <message>
        <source>How the memory works: LSTM keeps things longest, the plain RNN forgets soonest.</source>
        <translation>记忆的方式：LSTM 记得最久，普通 RNN 忘得最快。</translation>
    </message>
    <message>
        <source>How the model looks at the photograph: softly everywhere, hard at one place, or not at all.</source>
        <translation>模型怎样看图片：软注意力兼顾各处，硬注意力只看一处，或完全不用注意力。</translation>
    </message>
    <message>
        <source>Images per step</source>
        <translation>每步图片数</translation>
    </message>
    <message>
        <source>Its learning rate</source>
        <translation>第二阶段学习率</translation>
    </message>
    <message>
        <source>Keeps the model from being too sure: this share of belief goes to all other words.</source>
        <translation>避免模型过于自信：把这一比例的概率分给所有其他词。</translation>
    </message>
    <message>
        <source>LSTM</source>
        <translation>LSTM</translation>
    </message>
    <message>
        <source>Label smoothing</source>
        <translation>标签平滑</translation>
    </message>
    <message>
        <source>Larger values favour longer captions; 0 favours short ones.</source>
        <translation>值越大越偏向长描述；0 偏向短描述。</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层数</translation>
    </message>
    <message>
        <source>Learn from mirrored and cropped photographs as well, where the features have them.</source>
        <translation>若特征中包含镜像和裁剪的图片，也从中学习。</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Length penalty</source>
        <translation>长度惩罚</translation>
    </message>
    <message>
        <source>Lets the model turn the photograph down for words that need no looking, such as “of”.</source>
        <translation>写“of”这类无需看图的词时，让模型减弱图片的作用。</translation>
    </message>
    <message>
        <source>Letters</source>
        <translation>字母</translation>
    </message>
    <message>
        <source>Longest caption</source>
        <translation>最长描述</translation>
    </message>
    <message>
        <source>Look everywhere</source>
        <translation>看遍各处</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Memories on top of each other.</source>
        <translation>叠加的循环层数。</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Momentum</source>
        <translation>动量</translation>
    </message>
    <message>
        <source>Most likely</source>
        <translation>最可能的描述</translation>
    </message>
    <message>
        <source>Most words</source>
        <translation>最多词数</translation>
    </message>
    <message>
        <source>NVIDIA GPU</source>
        <translation>NVIDIA GPU</translation>
    </message>
    <message>
        <source>No caption has fewer words than this.</source>
        <translation>描述不会少于此词数。</translation>
    </message>
    <message>
        <source>No caption has more words than this.</source>
        <translation>描述不会多于此词数。</translation>
    </message>
    <message>
        <source>No repeated words</source>
        <translation>禁止重复词组</translation>
    </message>
    <message>
        <source>No run of so many words occurs twice in a caption; 0 allows that.</source>
        <translation>同一条描述中，这么多个词的连续词组不会出现两次；0 表示允许重复。</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>None, every step</source>
        <translation>无，每步输入图片</translation>
    </message>
    <message>
        <source>None, first step</source>
        <translation>无，首步输入图片</translation>
    </message>
    <message>
        <source>Numbers in the model&apos;s memory; more of them learn more, and more slowly.</source>
        <translation>模型记忆中的数值个数；越多学得越多，也越慢。</translation>
    </message>
    <message>
        <source>Numbers in which places are compared with the memory.</source>
        <translation>用多少个数值来比较各位置与记忆。</translation>
    </message>
    <message>
        <source>Numbers per place; taken from the features.</source>
        <translation>每个位置的数值个数；由特征决定。</translation>
    </message>
    <message>
        <source>Numbers that stand for a word.</source>
        <translation>用多少个数值表示一个词。</translation>
    </message>
    <message>
        <source>On a plateau</source>
        <translation>停滞时下降</translation>
    </message>
    <message>
        <source>One number</source>
        <translation>单个数值</translation>
    </message>
    <message>
        <source>Optimisation</source>
        <translation>优化</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>Patience</source>
        <translation>耐心轮数</translation>
    </message>
    <message>
        <source>Per channel</source>
        <translation>逐通道</translation>
    </message>
    <message>
        <source>Photographs that are learned from at once.</source>
        <translation>每步同时学习多少张图片。</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Projection width</source>
        <translation>投影维度</translation>
    </message>
    <message>
        <source>Pulls weights towards zero a little at every step.</source>
        <translation>每步把权重略微拉向零。</translation>
    </message>
    <message>
        <source>RNN</source>
        <translation>RNN</translation>
    </message>
    <message>
        <source>ROUGE-L</source>
        <translation>ROUGE-L</translation>
    </message>
    <message>
        <source>Rarest word</source>
        <translation>最低词频</translation>
    </message>
    <message>
        <source>Reading and writing words share their numbers, which saves memory and helps rare words.</source>
        <translation>读词和写词共用同一套词向量，节省内存，也有利于少见的词。</translation>
    </message>
    <message>
        <source>Regularisation</source>
        <translation>正则化</translation>
    </message>
    <message>
        <source>SGD</source>
        <translation>SGD</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>学习率调度</translation>
    </message>
    <message>
        <source>Scheduled sampling</source>
        <translation>计划采样</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Second beta</source>
        <translation>第二 β</translation>
    </message>
    <message>
        <source>Second stage</source>
        <translation>第二阶段</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Seed of drawn words</source>
        <translation>采样种子</translation>
    </message>
    <message>
        <source>Sentences that the search keeps alive; more find likelier ones, more slowly.</source>
        <translation>搜索时保留多少个句子；越多越能找到更可能的句子，也越慢。</translation>
    </message>
    <message>
        <source>Share of all steps in which the learning rate rises from almost nothing.</source>
        <translation>学习率从接近零开始上升的步数占总步数的比例。</translation>
    </message>
    <message>
        <source>Share of numbers that is left out at random, so that nothing is learned by heart.</source>
        <translation>随机丢弃的数值比例，以免模型死记硬背。</translation>
    </message>
    <message>
        <source>Share of the first stage</source>
        <translation>第一阶段的占比</translation>
    </message>
    <message>
        <source>Share of the images that choose the best epoch and are not learned from, where the data does not say which; 0 holds out none.</source>
        <translation>在数据没有说明时，用来挑选最佳轮次而不参与学习的图片所占的比例；0 表示不留出。</translation>
    </message>
    <message>
        <source>Share of words in the last epoch that the model reads from itself and not from people.</source>
        <translation>最后一轮中，模型读取自己写的词而非人写的词的比例。</translation>
    </message>
    <message>
        <source>Soft</source>
        <translation>软</translation>
    </message>
    <message>
        <source>Stairs</source>
        <translation>阶梯</translation>
    </message>
    <message>
        <source>State width</source>
        <translation>状态维度</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>The first epoch that does so, counted through both stages; before it only plain photographs.</source>
        <translation>从哪一轮开始使用，两个阶段连续计数；此前只用原图。</translation>
    </message>
    <message>
        <source>The model keeps a running average of its weights; nearer to 1 averages longer, 0 not at all.</source>
        <translation>模型保留权重的滑动平均；越接近 1 平均得越久，0 表示不平均。</translation>
    </message>
    <message>
        <source>The others</source>
        <translation>其他采样</translation>
    </message>
    <message>
        <source>The rule that turns gradients into steps; AdamW needs the least care.</source>
        <translation>把梯度变成步子的规则；AdamW 最省心。</translation>
    </message>
    <message>
        <source>The same seed draws the same words again.</source>
        <translation>种子相同，采样的词就相同。</translation>
    </message>
    <message>
        <source>The score on dev images that decides which epoch becomes the model.</source>
        <translation>按验证集图片的哪项得分决定用哪一轮作为模型。</translation>
    </message>
    <message>
        <source>Tied embeddings</source>
        <translation>共享词向量</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>Top k</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Training stops early after so many epochs without a better score; 0 never stops early.</source>
        <translation>得分连续多少轮没有提高就提前停止训练；0 表示从不提前停止。</translation>
    </message>
    <message>
        <source>Truncate after</source>
        <translation>截断长度</translation>
    </message>
    <message>
        <source>Warm-up</source>
        <translation>预热</translation>
    </message>
    <message>
        <source>Weight averaging</source>
        <translation>权重平均</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>权重衰减</translation>
    </message>
    <message>
        <source>Weight of BLEU</source>
        <translation>BLEU 权重</translation>
    </message>
    <message>
        <source>Weight of recall</source>
        <translation>召回率的权重</translation>
    </message>
    <message>
        <source>What a drawn caption must beat: the others drawn with it, or the model&apos;s most likely one.</source>
        <translation>采样的描述要胜过什么：一同采样的其他描述，或模型最可能的描述。</translation>
    </message>
    <message>
        <source>What computes: the processor, or a graphics card.</source>
        <translation>用什么计算：处理器或显卡。</translation>
    </message>
    <message>
        <source>What the learning rate is multiplied by at each stair.</source>
        <translation>每下降一级，学习率乘以此值。</translation>
    </message>
    <message>
        <source>Where chance begins: the same seed on the same machine gives the same model.</source>
        <translation>随机数的起点：同一台机器上种子相同，得到的模型就相同。</translation>
    </message>
    <message>
        <source>Where the model looks depends on the word before as well.</source>
        <translation>模型看向哪里也取决于前一个词。</translation>
    </message>
    <message>
        <source>Whether the model writes word by word, or spells letter by letter.</source>
        <translation>模型逐词书写，还是逐字母拼写。</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>词</translation>
    </message>
    <message>
        <source>Words are chosen from the photograph and the word before, too, and not from the memory alone.</source>
        <translation>选词不只依据记忆，也依据图片和前一个词。</translation>
    </message>
    <message>
        <source>Words are drawn from the k likeliest only; 0 allows all.</source>
        <translation>只从最可能的 k 个词中采样；0 表示全部。</translation>
    </message>
    <message>
        <source>Words are drawn from the likeliest ones that make up this share; 1 allows all.</source>
        <translation>只从累计概率达到此值的最可能的词中采样；1 表示全部。</translation>
    </message>
    <message>
        <source>Words that the captions use less often than this are not learned.</source>
        <translation>在描述中出现次数少于此值的词不学习。</translation>
    </message>
    <message>
        <source>Writes by</source>
        <translation>书写单位</translation>
    </message>
    <message>
        <source>bfloat16</source>
        <translation>bfloat16</translation>
    </message>
    <message>
        <source>float32</source>
        <translation>float32</translation>
    </message>
    <message>
        <source>float64</source>
        <translation>float64</translation>
    </message>
</context>
<context>
    <name>TrainingHints</name>
    <message>
        <source>Gradients have grown from {usual} to {now}.</source>
        <translation>梯度已从 {usual} 增大到 {now}。</translation>
    </message>
    <message>
        <source>Nothing has become better since epoch {best}. Stopping now loses nothing.</source>
        <translation>自第 {best} 轮以来没有任何提高。现在停止不会有损失。</translation>
    </message>
    <message>
        <source>Stop, and train again with a smaller learning rate.</source>
        <translation>请停止，并用更小的学习率重新训练。</translation>
    </message>
    <message>
        <source>The dev loss has been rising since epoch {lowest}: captions are learned by heart. Stop here, or train again with more dropout.</source>
        <translation>自第 {lowest} 轮以来验证损失一直上升：模型在死记硬背描述。请就此停止，或增大 Dropout 重新训练。</translation>
    </message>
    <message>
        <source>The loss climbs: it was {lowest} and is {now}.</source>
        <translation>损失在上升：曾为 {lowest}，现为 {now}。</translation>
    </message>
    <message>
        <source>The loss falls very slowly. Stop, and train again with a larger learning rate.</source>
        <translation>损失下降很慢。请停止，并用更大的学习率重新训练。</translation>
    </message>
    <message>
        <source>The loss is not a number any more.</source>
        <translation>损失已不是有效数值。</translation>
    </message>
</context>
<context>
    <name>TrainingWords</name>
    <message>
        <source>Agreement with the captions of people, rare words counting more. Higher is better.</source>
        <translation>与人写的描述的一致程度，少见的词权重更大。越高越好。</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>梯度范数</translation>
    </message>
    <message>
        <source>How far the weights move at each step.</source>
        <translation>每步权重移动多少。</translation>
    </message>
    <message>
        <source>How steep the loss is, before clipping. A sudden climb is a bad sign.</source>
        <translation>裁剪前损失有多陡。突然升高是不好的征兆。</translation>
    </message>
    <message>
        <source>How surprised the model is by each word people wrote, in nats. Lower is better.</source>
        <translation>模型对人写的每个词有多意外，单位为奈特。越低越好。</translation>
    </message>
    <message>
        <source>How well the model&apos;s own captions agree with those of people. Higher is better.</source>
        <translation>模型自己的描述与人写的描述有多一致。越高越好。</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Reward</source>
        <translation>奖励</translation>
    </message>
    <message>
        <source>Share of four words in a row that people also wrote. Higher is better.</source>
        <translation>连续四个词与人写的相同的比例。越高越好。</translation>
    </message>
    <message>
        <source>dev</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>{days} days</source>
        <translation>{days} 天</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} 小时 {minutes} 分钟</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} 分钟</translation>
    </message>
    <message>
        <source>{name} captions features, not photographs, because the features it learned from do not say what made them. Use it on the command line: captioner caption --features.</source>
        <translation>{name} 描述的是特征而不是图片，因为它学习的特征没有说明由什么编码器得到。请在命令行中使用：captioner caption --features。</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
</context>
<context>
    <name>UncaughtErrors</name>
    <message>
        <source>Something went wrong in Captioner: {what}. You can go on; Help, Save diagnostics helps us.</source>
        <translation>Captioner 出现问题：{what}。可以继续使用；请用“帮助”菜单中的“保存诊断信息”协助我们排查。</translation>
    </message>
</context>
<context>
    <name>UndoActions</name>
    <message>
        <source>Redo: {what}</source>
        <translation>重做：{what}</translation>
    </message>
    <message>
        <source>Undo: {what}</source>
        <translation>撤销：{what}</translation>
    </message>
</context>
<context>
    <name>WordChip</name>
    <message>
        <source>looked everywhere about alike</source>
        <translation>注意力分布均匀</translation>
    </message>
    <message>
        <source>pinned</source>
        <translation>已固定</translation>
    </message>
    <message>
        <source>written by hand</source>
        <translation>手动编写</translation>
    </message>
    <message>
        <source>{percent} likely</source>
        <translation>概率 {percent}</translation>
    </message>
</context>
<context>
    <name>WordPanel</name>
    <message>
        <source>Entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>门控</translation>
    </message>
    <message>
        <source>How likely this word was, given the photograph and the words before it</source>
        <translation>在图片和前文已知时，该词的概率</translation>
    </message>
    <message>
        <source>How much of what was seen was used: 0 is nothing, 1 is all of it</source>
        <translation>所见内容被采用的程度：0 为完全不用，1 为全部采用</translation>
    </message>
    <message>
        <source>How widely the word looked: 0 is one place only, the most is all alike</source>
        <translation>该词看得有多分散：0 表示只看一处，最大值表示各处相同</translation>
    </message>
    <message>
        <source>Looked at {place}</source>
        <translation>看向{place}</translation>
    </message>
    <message>
        <source>Looked everywhere about alike, so the map says little about this word.</source>
        <translation>该词对各处的注意力几乎相同，注意力图说明不了什么。</translation>
    </message>
    <message>
        <source>Point at a word of the caption to see how sure the model was and where it looked.</source>
        <translation>指向描述中的词，查看模型的把握以及它看向哪里。</translation>
    </message>
    <message>
        <source>Word</source>
        <translation>词</translation>
    </message>
    <message>
        <source>Written by hand. The model says nothing about this word.</source>
        <translation>手动编写。模型没有关于此词的信息。</translation>
    </message>
    <message>
        <source>{bits} bits</source>
        <translation>{bits} 比特</translation>
    </message>
    <message>
        <source>{bits} of {most} bits</source>
        <translation>{bits} / {most} 比特</translation>
    </message>
</context>
<context>
    <name>WordStrip</name>
    <message>
        <source>Words of the caption</source>
        <translation>描述中的词</translation>
    </message>
</context>
<context>
    <name>WorkerIndicator</name>
    <message>
        <source>Cannot caption</source>
        <translation>无法描述</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>Starting again</source>
        <translation>正在重新启动</translation>
    </message>
</context>
</TS>
